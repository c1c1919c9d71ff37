/*
 * launch - execute a program in exactly the surroundings that its words tell.
 *
 *   launch STATUS WORD... -- PROGRAM ARG...
 *
 * Node cannot start a child with ignored signals, a blocked mask, a closed
 * stdin or arguments that are not UTF-8; this can. STATUS is the number of a
 * descriptor that gets, line by line, what becomes of the program:
 *
 *   started PID | stopped SIGNAL | exited N | killed SIGNAL | orphans N
 *   failed TEXT
 *
 * The program gets the default disposition of every signal, an empty mask,
 * umask 022, a soft limit of 1024 descriptors, an empty environment, the
 * descriptors 0 to 2 and a process group of its own, and then, from left to right:
 *
 *   env=NAME=VALUE	PROGRAM, its ARGs and these are percent-decoded
 *   argv0=TEXT
 *   umask=OCTAL nofile=SOFT nice=N cwd=DIR chroot=DIR
 *   ignore=LIST block=LIST		signal numbers
 *   open=FD:MODE:PATH	MODE r, w, rw, p (O_PATH) or d (a directory)
 *   dup=FROM:TO close=FD
 *   groups=LIST gid=N uid=N drop=LIST (capability numbers) no_new_privs
 *   landlock	no sockets may be made, and nobody outside may be traced (landlock(7))
 *   unshare=LIST	namespaces
 *   pid1		be the first process of a PID namespace
 *   tty		a controlling terminal, with the program in the foreground
 *
 * The launcher resumes a program that stops, as a shell's fg does. Processes
 * that the program leaves behind become the launcher's children, are counted
 * and killed. When the other end of STATUS is closed, all of them are killed.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "words.h"

#ifndef SYS_close_range
#define SYS_close_range	436
#endif

#define NSIGNALS	64
/* Above every number that a row opens, and close-on-exec. */
#define STATUS_FD	900
#define ORPHAN_GRACE_MS	300
#define MAX_ENV		256

static int status_fd;
static char *environment[MAX_ENV + 1];
static size_t environment_size;
static char *argv0;

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vdprintf(status_fd, format, args);
	va_end(args);
}

static void die(const char *format, const char *detail)
{
	int error = errno;
	char text[1024];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, sizeof(text), format, detail);
#pragma GCC diagnostic pop
	tell("failed %s: %s\n", text, strerror(error));
	_exit(1);
}

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static char *decode(char *text)
{
	char *to = text, *from;

	for (from = text; *from; from++) {
		if (*from == '%' && hex(from[1]) >= 0 && hex(from[2]) >= 0) {
			*to++ = (char)(hex(from[1]) << 4 | hex(from[2]));
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return text;
}

/* ---- signals: raw calls, because a libc hides 32 to 34 ---- */

static void set_disposition(unsigned int sig, void (*handler)(int))
{
	struct {
		void (*handler)(int);
		unsigned long rest[8];
	} action = { .handler = handler };
	int i;

	for (i = 0; i < 8; i++)
		action.rest[i] = 0;
	syscall(SYS_rt_sigaction, sig, &action, NULL, 8);
}

static void set_mask(uint64_t mask)
{
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8);
}

static void ignore_signals(char *list)
{
	unsigned int signals[MAX_NUMBERS];
	size_t i, n = numbers(list, signals);

	for (i = 0; i < n; i++)
		set_disposition(signals[i], SIG_IGN);
}

static void block_signals(char *list)
{
	unsigned int signals[MAX_NUMBERS];
	size_t i, n = numbers(list, signals);
	uint64_t mask = 0;

	for (i = 0; i < n; i++)
		mask |= UINT64_C(1) << (signals[i] - 1);
	set_mask(mask);
}

/* ---- descriptors ---- */

static void move_fd(int from, int to, int flags)
{
	if (from == to)
		return;
	check(dup3(from, to, flags), "dup3");
	close(from);
}

static void open_fd(char *value)
{
	char *mode = cut(value), *path = cut(mode);
	int flags = !strcmp(mode, "r")	? O_RDONLY
		    : !strcmp(mode, "w")	? O_WRONLY | O_CREAT | O_APPEND
		    : !strcmp(mode, "rw")	? O_RDWR
		    : !strcmp(mode, "p")	? O_PATH
						: O_RDONLY | O_DIRECTORY;
	int fd = open(path, flags, 0666);

	check(fd, path);
	move_fd(fd, (int)number(value), 0);
}

static void copy_fd(char *value)
{
	char *to = cut(value);

	check(dup2((int)number(value), (int)number(to)), "dup2");
}

/* ---- credentials and limits ---- */

static void set_groups(char *list)
{
	unsigned int groups[MAX_NUMBERS];
	size_t n = numbers(list, groups);

	check(setgroups(n, groups), "setgroups");
}

/* What is restricted does not matter: whoever is can look at no process that is not. */
static void landlock(const char *word)
{
	enum { CREATE_RULESET = 444, RESTRICT_SELF = 446, MAKE_SOCK = 1 << 9 };
	uint64_t handled = MAKE_SOCK;
	int ruleset = (int)syscall(CREATE_RULESET, &handled, sizeof(handled), 0U);

	check(ruleset, word);
	check((int)syscall(RESTRICT_SELF, ruleset, 0U), word);
	close(ruleset);
}

/* Out of the bounding set and, for what is executed as root, so out of all. */
static void drop_capabilities(char *list)
{
	unsigned int caps[MAX_NUMBERS];
	size_t i, n = numbers(list, caps);

	for (i = 0; i < n; i++)
		check(prctl(PR_CAPBSET_DROP, (unsigned long)caps[i], 0L, 0L, 0L),
		      "PR_CAPBSET_DROP");
}

static void limit_fds(rlim_t soft)
{
	struct rlimit limit;

	check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
	check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

static void add_environment(char *text)
{
	if (environment_size == MAX_ENV)
		die("too many variables at %s", text);
	environment[environment_size++] = decode(text);
}

static bool do_id_word(char *word)
{
	char *value;

	if ((value = value_of(word, "groups")))
		set_groups(value);
	else if ((value = value_of(word, "gid")))
		check(setresgid(number(value), number(value), number(value)), word);
	else if ((value = value_of(word, "uid")))
		check(setresuid(number(value), number(value), number(value)), word);
	else if ((value = value_of(word, "drop")))
		drop_capabilities(value);
	else if (!strcmp(word, "no_new_privs"))
		check(prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L), word);
	else if (!strcmp(word, "landlock"))
		landlock(word);
	else
		return false;
	return true;
}

static void do_word(char *word)
{
	char *value;

	if (do_id_word(word))
		return;
	if ((value = value_of(word, "env")))
		add_environment(value);
	else if ((value = value_of(word, "argv0")))
		argv0 = decode(value);
	else if ((value = value_of(word, "umask")))
		umask((mode_t)strtoul(value, NULL, 8));
	else if ((value = value_of(word, "nofile")))
		limit_fds(number(value));
	else if ((value = value_of(word, "nice")))
		check(setpriority(PRIO_PROCESS, 0, (int)number(value)), word);
	else if ((value = value_of(word, "cwd")))
		check(chdir(value), value);
	else if ((value = value_of(word, "chroot")))
		check(chroot(value), value);
	else if ((value = value_of(word, "ignore")))
		ignore_signals(value);
	else if ((value = value_of(word, "block")))
		block_signals(value);
	else if ((value = value_of(word, "open")))
		open_fd(value);
	else if ((value = value_of(word, "dup")))
		copy_fd(value);
	else if ((value = value_of(word, "close")))
		close((int)number(value));
	else if ((value = value_of(word, "unshare")))
		check(unshare(namespace_flags(value)), word);
	else if (strcmp(word, "pid1") && strcmp(word, "tty"))
		die("unknown word '%s'", word);
}

static void be_program(char **words, char **argv, int go)
{
	char byte, *file = NULL;
	unsigned int sig;
	size_t i;

	for (sig = 1; sig <= NSIGNALS; sig++)
		set_disposition(sig, SIG_DFL);
	set_mask(0);
	umask(022);
	if (read(go, &byte, 1) != 1)
		_exit(1);
	/* Beyond stdio only what a word opens, and the report descriptor 4. */
	syscall(SYS_close_range, 5, STATUS_FD - 1, 0);
	syscall(SYS_close_range, STATUS_FD + 1, ~0U, 0);
	limit_fds(1024);
	for (; *words; words++)
		do_word(*words);
	for (i = 0; argv[i]; i++)
		decode(argv[i]);
	file = argv[0];
	if (argv0)
		argv[0] = argv0;
	execve(file, argv, environment);
	die("execute %s", file);
}

/* ---- the launcher itself ---- */

static bool has_word(char **words, const char *word)
{
	for (; *words; words++)
		if (!strcmp(*words, word))
			return true;
	return false;
}

/* A new terminal, ours; the program's group is put in front of it later. */
static int take_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;

	check(master, "posix_openpt");
	check(grantpt(master), "grantpt");
	check(unlockpt(master), "unlockpt");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	check(slave, "terminal");
	check(ioctl(slave, TIOCSCTTY, 0), "TIOCSCTTY");
	return slave;
}

/* Everybody below us that is left; the grace is for those about to end. */
static size_t kill_orphans(void)
{
	struct timespec nap = { .tv_nsec = 5 * 1000 * 1000 };
	int waited, pid;
	size_t killed = 0;
	char path[64];
	FILE *children;

	for (waited = 0; waited < ORPHAN_GRACE_MS; waited += 5) {
		pid_t one = waitpid(-1, NULL, WNOHANG);

		if (one < 0)
			return 0;
		if (one == 0)
			nanosleep(&nap, NULL);
	}
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	children = fopen(path, "re");
	while (children && fscanf(children, "%d", &pid) == 1)
		if (kill(pid, SIGKILL) == 0)
			killed++;
	if (children)
		fclose(children);
	while (waitpid(-1, NULL, 0) > 0)
		;
	return killed;
}

static void report(int status)
{
	if (WIFEXITED(status))
		tell("exited %d\n", WEXITSTATUS(status));
	else
		tell("killed %d\n", WTERMSIG(status));
}

/* Whatever has changed; false when the program has ended. */
static bool reap(pid_t program)
{
	int status = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WUNTRACED | WNOHANG)) > 0) {
		if (pid != program)
			continue;
		if (!WIFSTOPPED(status)) {
			report(status);
			return false;
		}
		tell("stopped %d\n", WSTOPSIG(status));
		kill(-program, SIGCONT);
	}
	return pid == 0;
}

static bool abandoned(void)
{
	struct pollfd end = { .fd = status_fd, .events = 0 };

	return poll(&end, 1, 0) > 0 && end.revents & POLLHUP;
}

/* Both are blocked in main: none is lost between a look and the wait. */
static void watch(pid_t program, const sigset_t *events)
{
	while (reap(program)) {
		if (abandoned())
			kill(program, SIGKILL);
		sigwaitinfo(events, NULL);
	}
}

/* SIGIO when the other end of the status socket goes away. */
static void notice_hangup(void)
{
	fcntl(status_fd, F_SETOWN, getpid());
	fcntl(status_fd, F_SETFL, fcntl(status_fd, F_GETFL) | O_ASYNC);
}

int main(int argc, char **argv)
{
	int go[2], slave = -1, i = 2;
	pid_t program;
	char **words, **command;
	sigset_t events;

	if (argc < 4)
		return 2;
	status_fd = STATUS_FD;
	move_fd((int)number(argv[1]), STATUS_FD, O_CLOEXEC);
	words = argv + 2;
	while (i < argc && strcmp(argv[i], "--"))
		i++;
	if (i + 1 >= argc)
		die("%s", "no program");
	argv[i] = NULL;
	command = argv + i + 1;

	setsid();
	signal(SIGTTOU, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&events);
	sigaddset(&events, SIGCHLD);
	sigaddset(&events, SIGIO);
	sigprocmask(SIG_BLOCK, &events, NULL);
	check(prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L), "subreaper");
	if (has_word(words, "tty"))
		slave = take_terminal();
	if (has_word(words, "pid1"))
		check(unshare(CLONE_NEWPID), "unshare pid");
	check(pipe2(go, O_CLOEXEC), "pipe");
	/* Out of the way of the numbers that mean something. */
	for (i = 0; i < 2; i++) {
		int high = fcntl(go[i], F_DUPFD_CLOEXEC, STATUS_FD + 1);

		check(high, "dup");
		close(go[i]);
		go[i] = high;
	}
	program = fork();
	check(program, "fork");
	if (program == 0) {
		close(go[1]);
		be_program(words, command, go[0]);
	}
	close(go[0]);
	check(setpgid(program, program), "setpgid");
	if (slave >= 0)
		check(tcsetpgrp(slave, program), "tcsetpgrp");
	/* stdio and the report belong to the program alone: its end is the end. */
	syscall(SYS_close_range, 0, 2, 0);
	close(4);
	notice_hangup();
	tell("started %d\n", program);
	if (write(go[1], "", 1) != 1)
		die("%s", "go");
	watch(program, &events);
	tell("orphans %zu\n", kill_orphans());
	return 0;
}
