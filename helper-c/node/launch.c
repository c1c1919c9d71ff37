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
#include "entry/escape.h"
#include "entry/name.h"
#include "entry/privileged.h"
#include "node/trust.h"

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
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_OWN_FAILURE = 1, EXIT_NOT_EXECUTABLE = 126 };

static const char variable[] = "TSENTER_INHERITED";
static const char saved[] = "TSENTER_SAVED_";

/* Signals, a limit, and ranges of descriptors: far less than execve(2) takes of one variable (128 KiB). */
struct record {
	size_t length;
	char text[64 * 1024];
};

/* As messages begin. */
static const char *name;

static _Noreturn void fail(const char *verb, const char *object, const char *cause, const char *hint)
{
	(void)fprintf(stderr, "%s: %s %s: %s\n%s", name, verb, object, cause, hint);
	exit(EXIT_OWN_FAILURE);
}

__attribute__((format(printf, 2, 3))) static void add(struct record *record, const char *format, ...)
{
	size_t room = sizeof(record->text) - record->length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(record->text + record->length, room, format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= room)
		fail("record", "descriptors", "too many ranges of them are open", "");
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

/* FIRST-LAST, of descriptors that are open one after the other. */
struct range {
	int first, last; /* last < first: none yet */
};

static void add_range(struct record *record, const struct range *range)
{
	if (range->first <= range->last)
		add(record, "%d-%d,", range->first, range->last);
}

static void add_descriptor(struct record *record, struct range *range, int fd)
{
	if (fd != range->last + 1 || range->last < range->first) {
		add_range(record, range);
		range->first = fd;
	}
	range->last = fd;
}

/* The kernel lists them in order. Without /proc there is no list; the first thousand are what anyone hands on. */
static void add_descriptors(struct record *record)
{
	DIR *directory = opendir("/proc/self/fd");
	struct range range = { .first = 0, .last = -1 };
	const struct dirent *entry;

	if (directory) {
		while ((entry = readdir(directory))) {
			int fd = atoi(entry->d_name);

			if (entry->d_name[0] != '.' && fcntl(fd, F_GETFD) == 0)
				add_descriptor(record, &range, fd);
		}
		(void)closedir(directory);
	} else {
		for (int fd = 0; fd < 1024; fd++)
			if (fcntl(fd, F_GETFD) == 0)
				add_descriptor(record, &range, fd);
	}
	add_range(record, &range);
}

/*
 * Variables that would act on Node, or be taken for the record, are the program's and not tsenter's: they travel, in
 * their places, under names that nobody asks for.
 */
static bool acts_on_node(const char *entry)
{
	static const char *const prefixes[] = { "NODE_", "TSENTER_", "OPENSSL_", "SSL_CERT_", "UV_", "ICU_" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(entry, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

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
		const char *prefix = acts_on_node(*environment) ? saved : "";

		if (asprintf(&changed[next++], "%s%s", prefix, *environment) < 0)
			return NULL;
	}
	if (asprintf(&changed[next], "%s=%s", variable, record) < 0)
		return NULL;
	return changed;
}

/* Of the first Node that root does not execute; an empty file: there was none. */
struct refused {
	char file[PATH_MAX], at_fault[PATH_MAX];
};

/* NULL: whichever is found will do. */
static void try_node(const char *file, char **words, char **environment, const struct trust *trust,
		     struct refused *refused)
{
	char real[PATH_MAX], at_fault[PATH_MAX];

	if (!trust) {
		execve(file, words, environment);
	} else if (is_trusted(trust, file, real, at_fault)) {
		execve(real, words, environment);
	} else if (errno == 0) {
		if (!*refused->file) {
			strcpy(refused->file, file);
			strcpy(refused->at_fault, at_fault);
		}
		errno = EACCES;
	}
}

/*
 * Relative and empty entries of PATH are passed over, as for the program. The caller's PATH may be meant for inside only:
 * then Node is where systems have it.
 */
static void search_node(char **words, char **environment, const struct trust *trust, struct refused *refused)
{
	const char *path = getenv("PATH");
	const char *const lists[] = { path ? path : "", "/usr/local/bin:/usr/bin:/bin" };
	char file[PATH_MAX];

	errno = ENOENT;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (const char *entry = lists[i]; *entry; entry += *entry == ':') {
			int length = (int)strcspn(entry, ":");

			if (*entry == '/' &&
			    snprintf(file, sizeof(file), "%.*s/node", length, entry) < (int)sizeof(file))
				try_node(file, words, environment, trust, refused);
			if (errno != ENOENT && errno != EACCES && errno != ENOTDIR)
				return;
			entry += length;
		}
}

/* A path as it may be on a terminal. */
struct shown {
	char text[4 * PATH_MAX];
};

static const char *show(struct shown *shown, const char *path)
{
	char *at = shown->text;

	(void)write_escaped(&at, shown->text + sizeof(shown->text) - 1, path);
	*at = '\0';
	return shown->text;
}

static _Noreturn void refuse(const struct refused *refused, const char *directory)
{
	static struct shown file, at_fault, own;

	(void)show(&file, refused->file);
	(void)fprintf(stderr,
		      "%s: execute %s as root: others may change %s\n"
		      "Node, and the directories that it lies in, have to belong to root or to the owner of tsenter, and nobody "
		      "else may write them. To choose this one all the same: ln -sf %s %s/node\n",
		      name, file.text, show(&at_fault, refused->at_fault), file.text, show(&own, directory));
	exit(EXIT_OWN_FAILURE);
}

/*
 * A PATH may be another's (sudo keeps it where it is told to), and Node would be root then. So root takes the Node that
 * the link beside this executable names, made when this was built or by whoever owns the installation, or one that
 * nobody else may change. Others execute what they find, as ever.
 */
static void execute_node(char **words, char **environment, const char *directory)
{
	static struct refused refused;
	struct trust trust;
	char file[PATH_MAX];

	if (geteuid() != 0) {
		search_node(words, environment, NULL, NULL);
		return;
	}
	if (snprintf(file, sizeof(file), "%s/node", directory) < (int)sizeof(file))
		execve(file, words, environment);
	if (errno != ENOENT && errno != EACCES && errno != ENOTDIR)
		return;
	if (!find_trust(&trust, directory))
		return;
	search_node(words, environment, &trust, &refused);
	if ((errno == ENOENT || errno == EACCES || errno == ENOTDIR) && *refused.file)
		refuse(&refused, directory);
}

/* Below these Node ends with an assertion or a dump instead of a message, or its loader before it. The record has what it was. */
static void check_limits(void)
{
	enum { LEAST_FILES = 40 };
	static const rlim_t least_memory = (rlim_t)1 << 30;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < LEAST_FILES)
		fail("execute", "node", "the limit of open files is below 40", "The native executable needs less.\n");
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < LEAST_FILES) {
		limit.rlim_cur = LEAST_FILES;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < least_memory)
		fail("execute", "node", "the limit of virtual memory is below 1 GiB",
		     "The native executable needs less.\n");
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

/* Of this executable. Without /proc it is found by the name that it was executed by (getauxval(3), AT_EXECFN). */
static bool find_directory(char directory[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", directory, PATH_MAX - 1);
	char *slash;

	if (length > 0)
		directory[length] = '\0';
	else if (!realpath((const char *)getauxval(AT_EXECFN), directory))
		return false;
	slash = strrchr(directory, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

int main(int argc, char **argv, char **environment)
{
	static struct record record;
	static char directory[PATH_MAX], bundle[PATH_MAX + sizeof("/tsenter.cjs")], no_options[] = "--";
	char **words = calloc((size_t)argc + 3, sizeof(*words));

	name = name_for_messages(argc > 0 ? argv[0] : NULL);
	refuse_privileged_file(name);
	if (!words)
		fail("execute", "node", strerror(ENOMEM), "");
	if (!find_directory(directory))
		fail("find", "its own file", strerror(errno), "Is /proc mounted?\n");
	words[0] = argv[0];
	/* Node takes --env-file for its own wherever it stands, also behind the script, unless this stands before it. */
	words[1] = no_options;
	words[2] = strcat(strcpy(bundle, directory), "/tsenter.cjs");
	if (access(words[2], F_OK) && errno == ENOENT)
		fail("execute", "node", "the bundle that belongs beside this executable is not there",
		     "It cannot be copied, linked hard or mounted elsewhere alone: use a symbolic link to it, or the native executable, "
		     "which is one file.\n");
	if (argc > 1)
		memcpy(words + 3, argv + 1, (size_t)(argc - 1) * sizeof(*words));
	if (makes_children_elsewhere())
		fail("execute", "node", strerror(EINVAL),
		     "The caller's children are made in another PID namespace: Node, which needs threads, cannot start. "
		     "The native executable can.\n");
	add_signals(&record);
	add_open_files(&record);
	add_descriptors(&record);
	check_limits();
	environment = node_environment(environment, record.text);
	if (environment)
		execute_node(words, environment, directory);
	if (errno == E2BIG) {
		(void)fprintf(stderr, "%s: execute node: %s\n", name, strerror(errno));
		return EXIT_NOT_EXECUTABLE;
	}
	fail("execute", "node", strerror(errno), "This build runs on Node 20 or newer.\n");
}
