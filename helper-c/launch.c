/* SPDX-License-Identifier: MIT */
/*
 * tsenter on Node: executes Node with the bundle beside this file, and tells it in a variable what it is about to take
 * away.
 *
 * Node resets signals, raises the limit of open files and marks descriptors close-on-exec before any of its code
 * runs. A shell cannot record them: bash ignores SIGQUIT itself, a command substitution is a fork, and dash drops
 * variables whose names it does not like.
 */
#define _GNU_SOURCE
#include "privileged.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_OWN_FAILURE = 1, EXIT_NOT_EXECUTABLE = 126 };

static const char variable[] = "TSENTER_INHERITED";
static const char saved[] = "TSENTER_SAVED_";

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

/*
 * Variables of Node (NODE_OPTIONS, NODE_EXTRA_CA_CERTS) are the program's and must not act on tsenter, nor may any be
 * taken for the record: they travel, in their places, under names that nobody asks for.
 */
static char **node_environment(char **environment, const char *record)
{
	size_t count = 0, next = 0;
	char **changed;

	while (environment[count])
		count++;
	changed = calloc(count + 2, sizeof(*changed));
	if (!changed)
		return NULL;
	for (; *environment; environment++) {
		bool acts = strncmp(*environment, "NODE_", 5) == 0 || strncmp(*environment, "TSENTER_", 8) == 0;
		const char *prefix = acts ? saved : "";

		if (asprintf(&changed[next++], "%s%s", prefix, *environment) < 0)
			return NULL;
	}
	if (asprintf(&changed[next], "%s=%s", variable, record) < 0)
		return NULL;
	return changed;
}

/* The caller's PATH may be meant for inside only; then Node is where systems have it. */
static void execute_node(char **words, char **environment)
{
	static const char *const usual[] = { "/usr/local/bin/node", "/usr/bin/node", "/bin/node" };

	execvpe("node", words, environment);
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual) && (errno == ENOENT || errno == EACCES); i++)
		execve(usual[i], words, environment);
}

/* After setns or unshare of a PID namespace the kernel makes no threads (pthread_create(3), EINVAL), and Node aborts. */
static bool makes_children_elsewhere(void)
{
	struct stat own, children;

	if (stat("/proc/self/ns/pid", &own))
		return false;
	/* The file is not there as long as the other namespace has no init process (pid_namespaces(7)). */
	return stat("/proc/self/ns/pid_for_children", &children) ? errno == ENOENT : own.st_ino != children.st_ino;
}

/* DIRECTORY/tsenter.cjs, where DIRECTORY is that of this executable. */
static char *bundle(void)
{
	static char path[PATH_MAX + sizeof("tsenter.cjs")];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash = length > 0 ? memrchr(path, '/', (size_t)length) : NULL;

	if (!slash)
		return NULL;
	strcpy(slash + 1, "tsenter.cjs");
	return path;
}

int main(int argc, char **argv, char **environment)
{
	struct record record = { .size = 1 << 20 };
	char **words = calloc((size_t)argc + 2, sizeof(*words));

	refuse_privileged_file();
	record.text = malloc(record.size);
	if (!words || !record.text) {
		(void)fprintf(stderr, "tsenter: execute node: %s\n", strerror(ENOMEM));
		return EXIT_OWN_FAILURE;
	}
	words[0] = argv[0];
	words[1] = bundle();
	if (!words[1]) {
		(void)fprintf(stderr, "tsenter: read /proc/self/exe: %s\nIs /proc mounted?\n", strerror(errno));
		return EXIT_OWN_FAILURE;
	}
	if (argc > 1)
		memcpy(words + 2, argv + 1, (size_t)(argc - 1) * sizeof(*words));
	add_signals(&record);
	add_open_files(&record);
	add_descriptors(&record);
	if (makes_children_elsewhere()) {
		(void)fprintf(stderr, "tsenter: execute node: Invalid argument\n"
				      "The caller's children are made in another PID namespace: Node, which needs threads, "
				      "cannot start. The native executable can.\n");
		return EXIT_OWN_FAILURE;
	}
	environment = node_environment(environment, record.text);
	if (environment)
		execute_node(words, environment);
	if (errno == E2BIG) {
		(void)fprintf(stderr, "tsenter: execute node: %s\n", strerror(errno));
		return EXIT_NOT_EXECUTABLE;
	}
	(void)fprintf(stderr, "tsenter: execute node: %s\nThis build runs on Node 20 or newer.\n", strerror(errno));
	return EXIT_OWN_FAILURE;
}
