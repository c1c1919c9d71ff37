/*
 * insider - what a program does in a container to whoever has entered it, or prepares there.
 *
 *   insider with-key PROGRAM ARG...   (outside) execute it with a session keyring that has a key
 *   insider keys                      search that key; "key TEXT" or the error
 *   insider session-keyring           describe the own one: "type;uid;gid;permissions;description"
 *   insider terminal                  type and write into each terminal that it has beside its streams
 *   insider kill-group                kill(0, SIGTERM), and go on
 *   insider siblings                  make children of its parent that end, and one that does not; "ready"; status 7
 *   insider flood                     make children of its parent that end, for ever; "ready"; "told" and status 8 at SIGTERM
 *   insider lease FILE                hold a lease on it until the end of stdin: who opens it waits; "wanted"
 *   insider environ nul|names         point the own environment area at 8 MiB of that; "ready PID"
 *   insider switch DIR                a process that goes to and fro between two mount namespaces; "ready PID"
 *   insider where                     "same", or "mixed": whether the root is that of the mount namespace
 *   insider measure PROGRAM ARG...    (outside) run it; "memory KIB milliseconds N" to descriptor 3
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "insider: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void check(long result, const char *what)
{
	if (result < 0)
		die(what);
}

static void until_end_of_input(void)
{
	char bytes[64];
	ssize_t n;

	while ((n = read(STDIN_FILENO, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR))
		;
}

/* ---- the session keyring; musl has no header for it ---- */

enum { JOIN_SESSION_KEYRING = 1, DESCRIBE = 6, SEARCH = 10, READ = 11, SESSION_KEYRING = -3 };

static const char key_name[] = "tsenter-test";

static int describe_session_keyring(void)
{
	char text[4096] = "";

	if (syscall(SYS_keyctl, DESCRIBE, SESSION_KEYRING, text, sizeof(text)) < 0)
		puts(strerror(errno));
	else
		puts(text);
	return 0;
}

static int with_key(char **program)
{
	static const char secret[] = "HOST SECRET";

	check(syscall(SYS_keyctl, JOIN_SESSION_KEYRING, NULL), "keyctl");
	check(syscall(SYS_add_key, "user", key_name, secret, strlen(secret), SESSION_KEYRING), "add_key");
	execv(program[0], program);
	die(program[0]);
	return 125;
}

static int search_keys(void)
{
	char text[64] = "";
	long key = syscall(SYS_keyctl, SEARCH, SESSION_KEYRING, "user", key_name, 0);

	if (key < 0 || syscall(SYS_keyctl, READ, key, text, sizeof(text) - 1) < 0)
		printf("%s\n", strerror(errno));
	else
		printf("key %s\n", text);
	return 0;
}

/* ---- the caller's terminal ---- */

static int attack_terminals(void)
{
	static const char typed[] = "TYPED\n";
	static const char written[] = "WRITTEN\n";
	int fd;

	for (fd = 3; fd < 64; fd++) {
		size_t i;

		if (!isatty(fd))
			continue;
		for (i = 0; i < strlen(typed); i++)
			if (ioctl(fd, TIOCSTI, typed + i))
				break;
		if (write(fd, written, strlen(written)) < 0)
			fprintf(stderr, "insider: write: %s\n", strerror(errno));
	}
	/* The streams: a private terminal gets it back itself. */
	if (isatty(STDIN_FILENO)) {
		size_t i;

		for (i = 0; i < strlen(typed); i++)
			if (ioctl(STDIN_FILENO, TIOCSTI, typed + i))
				break;
	}
	return 0;
}

/* ---- signals and children ---- */

static int kill_group(void)
{
	signal(SIGTERM, SIG_IGN);
	puts("kills");
	fflush(stdout);
	check(kill(0, SIGTERM), "kill");
	return 0;
}

static void until_it_ends(long process)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, process, 0), .events = POLLIN };

	/* It may be gone altogether. */
	if (end.fd < 0)
		return;
	check(poll(&end, 1, -1), "poll");
	close(end.fd);
}

static int make_siblings(void)
{
	int i;

	for (i = 0; i < 4; i++) {
		long child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

		check(child, "clone");
		if (child == 0 && i < 3)
			_exit(0);
		if (child == 0) {
			/* It must not hold the streams of the test open. */
			for (i = 0; i < 3; i++)
				close(i);
			for (;;)
				pause();
		}
		if (i < 3)
			until_it_ends(child);
	}
	puts("ready");
	fflush(stdout);
	until_end_of_input();
	return 7;
}

static void tell(int signal)
{
	(void)signal;
	(void)!write(STDOUT_FILENO, "told\n", 5);
	_exit(8);
}

static long make_sibling(void)
{
	long sibling = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	if (sibling == 0) {
		signal(SIGTERM, SIG_DFL);
		check(prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L), "prctl");
	}
	return sibling;
}

/* Each has so many that have not been reaped yet, so that there is always one, and numbers do not run out. */
static void make_siblings_that_end(void)
{
	enum { AHEAD = 300 };
	static long made[AHEAD];
	size_t i;

	for (i = 0;; i = (i + 1) % AHEAD) {
		while (made[i] > 0 && kill((pid_t)made[i], 0) == 0)
			usleep(50);
		made[i] = make_sibling();
		if (made[i] == 0)
			_exit(0);
	}
}

/* Those that only stay make it slow to find one that has ended. */
static _Noreturn void flood(void)
{
	enum { STAY = 2000, MAKE = 6 };
	int i;

	signal(SIGTERM, tell);
	for (i = 0; i < STAY + MAKE; i++) {
		long sibling = make_sibling();

		check(sibling, "clone");
		if (sibling > 0)
			continue;
		check(syscall(SYS_close_range, 0, 2, 0), "close_range");
		if (i < STAY)
			for (;;)
				pause();
		make_siblings_that_end();
	}
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}

/* ---- files and memory ---- */

static void say_wanted(int number)
{
	static const char text[] = "wanted\n";

	(void)number;
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		_exit(125);
}

static int hold_lease(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	check(fd, file);
	signal(SIGIO, say_wanted);
	check(fcntl(fd, F_SETLEASE, F_WRLCK), "F_SETLEASE");
	puts("ready");
	fflush(stdout);
	until_end_of_input();
	return 0;
}

struct mm_map {
	uint64_t start_code, end_code, start_data, end_data, start_brk, brk, start_stack;
	uint64_t arg_start, arg_end, env_start, env_end;
	uint64_t *auxv;
	uint32_t auxv_size, exe_fd;
};

enum { SET_MM = 35, SET_MM_MAP = 14, AREA = 8 << 20 };

/* The fields of /proc/self/stat behind the name, from 3 on. */
static void read_stat(uint64_t *fields, int count)
{
	char text[2048];
	char *next;
	FILE *file = fopen("/proc/self/stat", "r");
	int i;

	if (!file || !fgets(text, sizeof(text), file))
		die("/proc/self/stat");
	fclose(file);
	next = strrchr(text, ')') + 4; /* past the state */
	for (i = 4; i < count; i++)
		fields[i] = strtoull(next, &next, 10);
}

static int point_environment(const char *what)
{
	char *area = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t stat[53] = { 0 };
	struct mm_map map;
	int i;

	if (area == MAP_FAILED)
		die("mmap");
	memset(area, 0, AREA);
	if (!strcmp(what, "names"))
		for (i = 0; i + 4 < AREA; i += 3)
			memcpy(area + i, "a=", 2);
	read_stat(stat, 52);
	map = (struct mm_map){
		.start_code = stat[26],
		.end_code = stat[27],
		.start_data = stat[45],
		.end_data = stat[46],
		.start_brk = stat[47],
		.brk = stat[47],
		.start_stack = stat[28],
		.arg_start = stat[48],
		.arg_end = stat[49],
		.env_start = (uintptr_t)area,
		.env_end = (uintptr_t)area + AREA,
		.exe_fd = ~0U,
	};
	check(prctl(SET_MM, SET_MM_MAP, &map, sizeof(map), 0), "PR_SET_MM_MAP");
	printf("ready %d\n", getpid());
	fflush(stdout);
	until_end_of_input();
	return 0;
}

static int measure(char **program)
{
	struct timespec before, after;
	struct rusage usage;
	int status = 0;
	pid_t child;

	clock_gettime(CLOCK_MONOTONIC, &before);
	child = fork();
	check(child, "fork");
	if (child == 0) {
		close(3);
		execv(program[0], program);
		die(program[0]);
	}
	check(wait4(child, &status, 0, &usage), "wait4");
	clock_gettime(CLOCK_MONOTONIC, &after);
	dprintf(3, "memory %ld milliseconds %ld\n", usage.ru_maxrss,
		(after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- two mount namespaces, each with a root that says whose it is ---- */

static void own_namespace(char *name, size_t size)
{
	ssize_t n = readlink("/proc/self/ns/mnt", name, size - 1);

	check(n, "/proc/self/ns/mnt");
	name[n] = '\0';
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	check(fd, path);
	check(write(fd, text, strlen(text)), path);
	close(fd);
}

static void copy_self(const char *to)
{
	int in = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	char bytes[65536];
	ssize_t n;

	check(in, "/proc/self/exe");
	check(out, to);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		check(write(out, bytes, (size_t)n), to);
	check(n, "/proc/self/exe");
	close(in);
	close(out);
}

static int new_namespace(const char *dir)
{
	char name[64];
	int fd;

	check(unshare(CLONE_NEWNS), "unshare");
	check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	check(mount("tmpfs", dir, "tmpfs", 0, "mode=755"), dir);
	check(chdir(dir), dir);
	check(mkdir("proc", 0755), "proc");
	check(mount("/proc", "proc", NULL, MS_BIND | MS_REC, NULL), "proc");
	own_namespace(name, sizeof(name));
	write_file("mark", name);
	copy_self("insider");
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "umount");
	fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	check(fd, "/proc/self/ns/mnt");
	return fd;
}

static int switch_namespaces(const char *dir)
{
	int first = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), one, other;

	check(first, "/proc/self/ns/mnt");
	one = new_namespace(dir);
	check(setns(first, CLONE_NEWNS), "setns");
	other = new_namespace(dir);
	printf("ready %d\n", getpid());
	fflush(stdout);
	check(fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK), "O_NONBLOCK");
	for (;;) {
		char byte;

		check(setns(one, CLONE_NEWNS), "setns");
		check(setns(other, CLONE_NEWNS), "setns");
		if (read(STDIN_FILENO, &byte, 1) == 0)
			return 0;
	}
}

static int where(void)
{
	char name[64], mark[64] = "";
	int fd = open("/mark", O_RDONLY | O_CLOEXEC);

	check(fd, "/mark");
	check(read(fd, mark, sizeof(mark) - 1), "/mark");
	own_namespace(name, sizeof(name));
	puts(strcmp(name, mark) ? "mixed" : "same");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "with-key") && argc > 2)
		return with_key(argv + 2);
	if (!strcmp(what, "measure") && argc > 2)
		return measure(argv + 2);
	if (!strcmp(what, "keys"))
		return search_keys();
	if (!strcmp(what, "session-keyring"))
		return describe_session_keyring();
	if (!strcmp(what, "terminal"))
		return attack_terminals();
	if (!strcmp(what, "kill-group"))
		return kill_group();
	if (!strcmp(what, "siblings"))
		return make_siblings();
	if (!strcmp(what, "flood"))
		flood();
	if (!strcmp(what, "lease") && argc == 3)
		return hold_lease(argv[2]);
	if (!strcmp(what, "environ") && argc == 3)
		return point_environment(argv[2]);
	if (!strcmp(what, "switch") && argc == 3)
		return switch_namespaces(argv[2]);
	if (!strcmp(what, "where"))
		return where();
	fprintf(stderr, "insider: cannot do '%s'\n", what);
	return 2;
}
