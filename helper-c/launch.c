/* SPDX-License-Identifier: MIT */
/*
 * tsenter-launch PROGRAM ARGUMENT...: executes Node and tells it in a variable what it is about to take away.
 *
 * Node resets signals, raises the limit of open files and marks descriptors close-on-exec before any of its code
 * runs. A shell cannot record them: bash ignores SIGQUIT itself, and a command substitution is a fork.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char variable[] = "TSENTER_INHERITED";

struct record {
	char *text;
	size_t length, size;
};

__attribute__((format(printf, 2, 3))) static void add(struct record *record, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(record->text + record->length, record->size - record->length, format, arguments);
	va_end(arguments);
	if (length > 0)
		record->length += (size_t)length;
}

/* The kernel's own structure and call: libc keeps signals 32 to 34 for itself. */
static int is_ignored(int signal)
{
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { .handler = SIG_DFL };

	return syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof(action.mask)) == 0 && action.handler == SIG_IGN;
}

static void add_signals(struct record *record)
{
	uint64_t ignored = 0, blocked = 0;

	for (int signal = 1; signal <= 64; signal++)
		if (is_ignored(signal))
			ignored |= UINT64_C(1) << (signal - 1);
	(void)syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof(blocked));
	add(record, "%016llx:%016llx", (unsigned long long)ignored, (unsigned long long)blocked);
}

static void add_open_files(struct record *record)
{
	struct rlimit limit = { .rlim_cur = 0 };

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	add(record, ":%llu:", (unsigned long long)limit.rlim_cur);
}

/* Without /proc there is no list; the first thousand are what anyone hands on. */
static void add_descriptors(struct record *record)
{
	DIR *directory = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (!directory) {
		for (int fd = 0; fd < 1024; fd++)
			if (fcntl(fd, F_GETFD) == 0)
				add(record, "%d,", fd);
		return;
	}
	while ((entry = readdir(directory))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fcntl(fd, F_GETFD) == 0)
			add(record, "%d,", fd);
	}
	(void)closedir(directory);
}

int main(int argc, char **argv)
{
	struct record record = { .size = 1 << 20 };

	if (argc < 2)
		return 2;
	record.text = malloc(record.size);
	if (record.text) {
		add_signals(&record);
		add_open_files(&record);
		add_descriptors(&record);
		(void)setenv(variable, record.text, 1);
	}
	execvp(argv[1], argv + 1);
	(void)fprintf(stderr, "tsenter: execute %s: %s\n", argv[1], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}
