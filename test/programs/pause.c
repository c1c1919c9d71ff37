/*
 * pause - hold a program at a system call, for the test to change the world.
 *
 *   pause POINT... -- PROGRAM ARG...
 *
 * POINT is enter=NAME or leave=NAME. When all of them were passed in their
 * order by the program or a process that it forked (its other threads are not
 * looked at), "paused PID" is written to descriptor 3, and the process is held
 * right there until descriptor 4 can be read or is closed. Then everything
 * runs on untraced, and pause ends as the program does. The program does not
 * get descriptors 3 and 4.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif

#ifndef SYS_close_range
#define SYS_close_range	436
#endif

#define MAX_POINTS	8
#define MAX_TRACEES	64

enum { REPORT_FD = 3, GO_FD = 4 };

static const struct {
	const char *name;
	long number;
} calls[] = {
	{ "setns", SYS_setns },
	{ "execve", SYS_execve },
	{ "pidfd_open", SYS_pidfd_open },
	{ "openat", SYS_openat },
	{ "setresuid", SYS_setresuid },
	{ "setuid", SYS_setuid },
};

static struct point {
	bool leave;
	long number;
} points[MAX_POINTS];

static size_t point_count, passed;

/* Which system call each is in. */
static struct tracee {
	pid_t pid;
	long number;
} tracees[MAX_TRACEES];

static void die(const char *what)
{
	fprintf(stderr, "pause: %s: %s\n", what, strerror(errno));
	exit(125);
}

static void add_point(const char *word)
{
	const char *name = strchr(word, '=');
	size_t i;

	if (!name || point_count == MAX_POINTS)
		die(word);
	points[point_count].leave = !strncmp(word, "leave=", 6);
	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, name + 1)) {
			points[point_count++].number = calls[i].number;
			return;
		}
	die(word);
}

static struct tracee *tracee(pid_t pid)
{
	struct tracee *unused = NULL;
	size_t i;

	for (i = 0; i < MAX_TRACEES; i++) {
		if (tracees[i].pid == pid)
			return &tracees[i];
		if (!tracees[i].pid && !unused)
			unused = &tracees[i];
	}
	if (!unused)
		die("too many processes");
	unused->pid = pid;
	unused->number = -1;
	return unused;
}

/* At a system call of @pid: is it the next point? */
static void look(pid_t pid)
{
	struct __ptrace_syscall_info info;
	struct tracee *who = tracee(pid);
	bool leave;

	memset(&info, 0, sizeof(info));
	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
		return;
	leave = info.op == PTRACE_SYSCALL_INFO_EXIT;
	if (!leave)
		who->number = (long)info.entry.nr;
	if (passed < point_count && points[passed].leave == leave &&
	    points[passed].number == who->number)
		passed++;
}

static void hold(pid_t pid)
{
	char byte;

	dprintf(REPORT_FD, "paused %d\n", pid);
	close(REPORT_FD);
	while (read(GO_FD, &byte, 1) < 0 && errno == EINTR)
		;
	ptrace(PTRACE_DETACH, pid, 0, 0);
	tracee(pid)->pid = 0;
}

static void end_like(int status)
{
	struct rlimit none = { 0, 0 };

	if (WIFEXITED(status))
		exit(WEXITSTATUS(status));
	setrlimit(RLIMIT_CORE, &none);
	signal(WTERMSIG(status), SIG_DFL);
	raise(WTERMSIG(status));
	exit(128 + WTERMSIG(status));
}

static void go_on(pid_t pid, int status)
{
	int sig = WSTOPSIG(status);
	bool call = sig == (SIGTRAP | 0x80), event = status >> 16 != 0;

	if (passed == point_count) {
		/* The others are let go at their next stop, whenever that is. */
		ptrace(PTRACE_DETACH, pid, 0, call || event || sig == SIGSTOP ? 0 : sig);
		tracee(pid)->pid = 0;
		return;
	}
	if (call)
		look(pid);
	else
		(void)tracee(pid);
	if (call && passed == point_count) {
		hold(pid);
		return;
	}
	if (ptrace(PTRACE_SYSCALL, pid, 0, call || event || sig == SIGSTOP ? 0 : sig) < 0 && errno != ESRCH)
		die("PTRACE_SYSCALL");
}

int main(int argc, char **argv)
{
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		       PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int i, status = 0;
	pid_t program, pid;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++)
		add_point(argv[i]);
	if (i + 1 >= argc)
		die("no program");
	fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
	fcntl(GO_FD, F_SETFD, FD_CLOEXEC);
	program = fork();
	if (program < 0)
		die("fork");
	if (program == 0) {
		/* Nothing of whoever started the test. */
		syscall(SYS_close_range, GO_FD + 1, ~0U, 0);
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execv(argv[i + 1], argv + i + 1);
		die(argv[i + 1]);
	}
	if (waitpid(program, &status, 0) != program)
		die("waitpid");
	if (ptrace(PTRACE_SETOPTIONS, program, 0, options) < 0)
		die("PTRACE_SETOPTIONS");
	go_on(program, SIGSTOP << 8 | 0x7f);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			go_on(pid, status);
		else if (pid == program)
			end_like(status);
		else
			tracee(pid)->pid = 0;
	}
	die("waitpid");
}
