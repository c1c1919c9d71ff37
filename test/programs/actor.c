/*
 * actor - odd processes to enter, and questions that Node cannot ask.
 *
 *   actor inode PID		print the inode of a pidfd of PID
 *   actor zombie		have a child that has ended and is not waited for
 *   actor thread		have a thread with a network and a UTS namespace
 *				and a working directory of its own; a line on
 *				stdin ends it, and "ready" is printed again
 *   actor socket		hold, as descriptor 7, a socket of the network
 *				namespace that it has left, and as 8 a file
 *   actor environ ENTRY...	have exactly these strings as environment
 *   actor area BYTES UNIT	have an environment of so many bytes: UNIT over
 *				and over, each comma in it a NUL
 *   actor moving		have no right that it was not given, and make a user
 *				namespace as soon as somebody reads its environment
 *   actor siblings		have made (CLONE_PARENT) children of its parent: some
 *				have ended, one with a status, and one has stopped
 *   actor keyring NAME PROGRAM...	execute a program with a new session keyring, in
 *				which a key of that name is "secret"
 *   actor key NAME		print what the key of that name is, and whether a
 *				key of its own can be made, found and read
 *   actor stay			nothing special
 *
 * Where it stays, "ready NUMBER" is printed - the zombie, the thread, else
 * the process itself - and it ends when its stdin does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif

static void check(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "actor: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int stay(int number)
{
	char byte;

	printf("ready %d\n", number);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) != 0)
		;
	return 0;
}

static int print_inode(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct stat st;

	check(fd, "pidfd_open");
	check(fstat(fd, &st), "fstat");
	printf("%ju\n", (uintmax_t)st.st_ino);
	return 0;
}

static int be_zombies_parent(void)
{
	pid_t child = fork();
	siginfo_t info;

	check(child, "fork");
	if (child == 0)
		_exit(0);
	check(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), "waitid");
	return stay(child);
}

static void *leave_in_thread(void *pipe_end)
{
	int *ends = pipe_end;
	int tid = (int)syscall(SYS_gettid);
	char byte;

	check(unshare(CLONE_NEWNET | CLONE_NEWUTS | CLONE_FS), "unshare");
	check(sethostname("thread", 6), "sethostname");
	check(chdir("/usr"), "chdir");
	check((int)write(ends[1], &tid, sizeof(tid)), "pipe");
	check((int)read(ends[2], &byte, 1), "pipe");
	return NULL;
}

static int have_thread(void)
{
	pthread_t thread;
	int ends[4], tid = 0;
	char byte;

	check(pipe2(ends, O_CLOEXEC), "pipe");
	check(pipe2(ends + 2, O_CLOEXEC), "pipe");
	check(-pthread_create(&thread, NULL, leave_in_thread, ends), "thread");
	if (read(ends[0], &tid, sizeof(tid)) != sizeof(tid))
		return 1;
	printf("ready %d\n", tid);
	fflush(stdout);
	/* The first line ends the thread alone. */
	while (read(STDIN_FILENO, &byte, 1) > 0) {
		if (byte != '\n')
			continue;
		close(ends[3]);
		check(-pthread_join(thread, NULL), "thread");
		return stay(getpid());
	}
	return 0;
}

static int hold_socket(void)
{
	int inet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	check(inet, "socket");
	check(file, "/dev/null");
	check(dup2(inet, 7), "dup2");
	check(dup2(file, 8), "dup2");
	check(unshare(CLONE_NEWNET), "unshare");
	return stay(getpid());
}

/* The fields 26 to 51 of /proc/self/stat (proc_pid_stat(5)). */
static void read_layout(struct prctl_mm_map *map)
{
	enum { FIRST = 26, LAST = 51 };
	unsigned long long fields[LAST + 1] = { 0 };
	char text[4096] = "";
	FILE *file = fopen("/proc/self/stat", "r");
	char *at;

	check(file ? 0 : -1, "/proc/self/stat");
	if (!fread(text, 1, sizeof(text) - 1, file) || !(at = strrchr(text, ')')))
		exit(1);
	fclose(file);
	/* Behind the name comes a letter, which is the third. */
	at += strlen(") X");
	for (int field = 4; field <= LAST; field++)
		fields[field] = strtoull(at, &at, 10);
	*map = (struct prctl_mm_map){
		.start_code = fields[26], .end_code = fields[27], .start_stack = fields[28],
		.start_data = fields[45], .end_data = fields[46], .start_brk = fields[47],
		.brk = (uint64_t)syscall(SYS_brk, 0),
		.arg_start = fields[48], .arg_end = fields[49],
		.exe_fd = (uint32_t)-1,
	};
}

/* No privilege is needed for it (prctl(2), PR_SET_MM_MAP). */
static int have_area(size_t size, const char *unit)
{
	size_t length = strlen(unit);
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct prctl_mm_map map;

	check(area == MAP_FAILED ? -1 : 0, "mmap");
	for (size_t i = 0; i < size; i++) {
		char byte = unit[i % length];

		area[i] = byte;
		if (byte == ',')
			area[i] = 0;
	}
	read_layout(&map);
	map.env_start = (uintptr_t)area;
	map.env_end = (uintptr_t)area + size;
	check(prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0L), "PR_SET_MM_MAP");
	return stay(getpid());
}

static int have_siblings(void)
{
	for (int i = 0; i < 4; i++) {
		long sibling = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);

		check((int)sibling, "clone");
		if (sibling > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
		/* Not raise(3): the library believes that this is the process that it knows. */
		if (i == 1)
			kill(getpid(), SIGSTOP);
		if (i == 2)
			kill(getpid(), SIGTERM);
		_exit(40 + i);
	}
	return stay(getpid());
}

/* keyutils.h, and linux/keyctl.h, which musl-gcc does not find. */
enum { JOIN_SESSION_KEYRING = 1, SEARCH = 10, READ = 11, SESSION_KEYRING = -3 };

static int enter_keyring(const char *name, char **program)
{
	check((int)syscall(SYS_keyctl, JOIN_SESSION_KEYRING, NULL), "session keyring");
	check((int)syscall(SYS_add_key, "user", name, "secret", 6UL, SESSION_KEYRING), "add_key");
	execv(program[0], program);
	check(-1, program[0]);
	return 1;
}

static void print_key(const char *name)
{
	char value[64];
	long key = syscall(SYS_keyctl, SEARCH, SESSION_KEYRING, "user", name, 0);
	long length = key < 0 ? -1 : syscall(SYS_keyctl, READ, key, value, sizeof(value));

	if (length < 0)
		printf("%s\n", strerror(errno));
	else
		printf("%.*s\n", (int)length, value);
}

static int print_keys(const char *name)
{
	print_key(name);
	if (syscall(SYS_add_key, "user", "tsenter-own", "own", 3UL, SESSION_KEYRING) < 0)
		printf("%s\n", strerror(errno));
	else
		print_key("tsenter-own");
	return 0;
}

enum { MANY = 9000 };

/* Executed again with an environment that takes a while to be understood, behind a page that nobody has touched. */
static int move_when_read(char **argv)
{
	static char *many[MANY + 1];
	static char entries[MANY][16];
	unsigned char is_read = 0;
	uintptr_t page;

	if (!getenv("A00001")) {
		for (int i = 0; i < MANY; i++) {
			snprintf(entries[i], sizeof(entries[i]), "A%05d=", i);
			many[i] = entries[i];
		}
		execve("/proc/self/exe", argv, many);
		check(-1, "execve");
	}
	page = ((uintptr_t)environ[0] + 4095) & ~(uintptr_t)4095;
	if (mmap((void *)page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
		check(-1, "mmap");
	printf("ready %d\n", getpid());
	fflush(stdout);
	while (!(is_read & 1)) {
		struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

		if (poll(&input, 1, 0) != 0)
			return 0;
		check(mincore((void *)page, 4096, &is_read), "mincore");
	}
	check(unshare(CLONE_NEWUSER), "unshare");
	return stay(getpid());
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
	if (!strcmp(what, "inode") && argc == 3)
		return print_inode(atoi(argv[2]));
	if (!strcmp(what, "zombie"))
		return be_zombies_parent();
	if (!strcmp(what, "thread"))
		return have_thread();
	if (!strcmp(what, "socket"))
		return hold_socket();
	if (!strcmp(what, "area") && argc == 4 && *argv[3])
		return have_area(strtoul(argv[2], NULL, 10), argv[3]);
	if (!strcmp(what, "siblings"))
		return have_siblings();
	if (!strcmp(what, "keyring") && argc > 3)
		return enter_keyring(argv[2], argv + 3);
	if (!strcmp(what, "key") && argc == 3)
		return print_keys(argv[2]);
	if (!strcmp(what, "moving"))
		return move_when_read(argv);
	if (!strcmp(what, "stay"))
		return stay(getpid());
	if (!strcmp(what, "environ")) {
		char *const again[] = { argv[0], (char *)(uintptr_t)"stay", NULL };

		execve("/proc/self/exe", again, argv + 2);
	}
	fprintf(stderr, "actor: cannot do '%s'\n", what);
	return 2;
}
