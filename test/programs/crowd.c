/*
 * crowd - a process that has much of something, to be entered or to enter.
 *
 *   crowd WORD... [-- PROGRAM ARG...]
 *
 *   mounts=N:LENGTH:DIR	below DIR, at a path that is LENGTH longer
 *   depth=N:DIR		go that deep below DIR
 *   bind=FROM:TO
 *   descriptors=N groups=N threads=N children=N
 *
 * Mounts are in a mount namespace of its own and end with that. It executes
 * PROGRAM, or says "here" and stays until its standard input ends. Children
 * are for one that stays: they end with it, whatever happens to it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "words.h"

static void die(const char *format, const char *detail)
{
	int error = errno;

	fputs("crowd: ", stderr);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(stderr, format, detail);
#pragma GCC diagnostic pop
	fprintf(stderr, ": %s\n", strerror(error));
	exit(1);
}

static void require(bool is_done, const char *what)
{
	if (!is_done)
		die("%s", what);
}

static void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);

	require(memory, "calloc");
	return memory;
}

static void leave_mount_namespace(void)
{
	static bool has_left;

	if (has_left)
		return;
	require(unshare(CLONE_NEWNS) == 0, "unshare");
	require(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "make mounts private");
	has_left = true;
}

static void mount_tmpfs(const char *dir)
{
	leave_mount_namespace();
	require(mount("crowd", dir, "tmpfs", 0, "nr_inodes=0,size=100%") == 0, dir);
}

static void enter_directory(const char *name)
{
	require(mkdir(name, 0755) == 0, "mkdir");
	require(chdir(name) == 0, "chdir");
}

static void make_mounts(unsigned int count, unsigned int length, const char *dir)
{
	unsigned int i;

	mount_tmpfs(dir);
	require(chdir(dir) == 0, dir);
	while (length > 1) {
		char name[NAME_MAX + 1] = "";
		unsigned int part = length - 1 < NAME_MAX ? length - 1 : NAME_MAX;

		enter_directory(memset(name, 'm', part));
		length -= part + 1;
	}
	for (i = 0; i < count; i++) {
		char name[12];

		snprintf(name, sizeof(name), "%u", i);
		require(mkdir(name, 0755) == 0, "mkdir");
		require(mount(name, name, NULL, MS_BIND, NULL) == 0, "bind mount");
	}
	require(chdir("/") == 0, "/");
}

static void go_deep(unsigned int depth, const char *dir)
{
	mount_tmpfs(dir);
	require(chdir(dir) == 0, dir);
	while (depth--)
		enter_directory("d");
}

static void bind_file(const char *from, const char *to)
{
	leave_mount_namespace();
	require(mount(from, to, NULL, MS_BIND, NULL) == 0, to);
}

static void open_descriptors(unsigned int count)
{
	struct rlimit limit;

	require(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	require(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
	while (count--)
		require(open("/dev/null", O_RDONLY) >= 0, "/dev/null");
}

static void take_groups(unsigned int count)
{
	gid_t *groups = zeroed(count, sizeof(*groups));
	unsigned int i;

	for (i = 0; i < count; i++)
		groups[i] = 100000 + i;
	require(setgroups(count, groups) == 0, "setgroups");
	free(groups);
}

static void *wait_in_thread(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

static void start_threads(unsigned int count)
{
	pthread_attr_t attributes;
	pthread_t thread;

	require(pthread_attr_init(&attributes) == 0, "pthread_attr_init");
	require(pthread_attr_setstacksize(&attributes, 65536) == 0, "pthread_attr_setstacksize");
	while (count--) {
		errno = pthread_create(&thread, &attributes, wait_in_thread, NULL);
		require(errno == 0, "pthread_create");
	}
	pthread_attr_destroy(&attributes);
}

static pid_t *children;
static unsigned int child_count;

/* For whoever waits for this process to find none of them left. */
static void end_children(void)
{
	unsigned int i;

	for (i = 0; i < child_count; i++)
		kill(children[i], SIGKILL);
	for (i = 0; i < child_count; i++)
		waitpid(children[i], NULL, 0);
}

static void start_children(unsigned int count)
{
	pid_t parent = getpid();

	children = zeroed(count, sizeof(*children));
	require(atexit(end_children) == 0, "atexit");
	while (child_count < count) {
		pid_t child = fork();

		require(child >= 0, "fork");
		if (child == 0) {
			if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
				_exit(1);
			wait_in_thread(NULL);
		}
		children[child_count++] = child;
	}
}

static void do_word(char *word)
{
	char *value, *second, *third;

	if ((value = value_of(word, "mounts"))) {
		second = cut(value);
		third = cut(second);
		make_mounts(number(value), number(second), third);
	} else if ((value = value_of(word, "depth"))) {
		second = cut(value);
		go_deep(number(value), second);
	} else if ((value = value_of(word, "bind"))) {
		second = cut(value);
		bind_file(value, second);
	} else if ((value = value_of(word, "descriptors"))) {
		open_descriptors(number(value));
	} else if ((value = value_of(word, "groups"))) {
		take_groups(number(value));
	} else if ((value = value_of(word, "threads"))) {
		start_threads(number(value));
	} else if ((value = value_of(word, "children"))) {
		start_children(number(value));
	} else {
		errno = EINVAL;
		die("%s", word);
	}
}

int main(int argc, char **argv)
{
	char byte;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		do_word(argv[i]);
	if (i + 1 < argc) {
		execvp(argv[i + 1], argv + i + 1);
		die("%s", argv[i + 1]);
	}
	require(write(STDOUT_FILENO, "here\n", 5) == 5, "write");
	return read(STDIN_FILENO, &byte, 1) != 0;
}
