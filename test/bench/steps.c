/*
 * steps - how many instructions a program executes in user mode.
 *
 *   steps PROGRAM ARG...
 *
 * Counted are those of its first process, one by one (ptrace(2)), up to its
 * next execve or its end. It is for machines that lend no counters, and for
 * system calls that valgrind does not know.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "steps: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void go_on(int how, pid_t pid, long signal)
{
	if (ptrace(how, pid, NULL, (void *)signal) < 0)
		die("ptrace");
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	return status;
}

static pid_t start(char **words)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP) != 0)
		die("ptrace");
	execv(words[0], words);
	die(words[0]);
	return -1;
}

static int has_executed(int status)
{
	return status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8);
}

int main(int argc, char **argv)
{
	unsigned long long count = 0;
	pid_t pid;
	int status;

	if (argc < 2) {
		errno = EINVAL;
		die("PROGRAM");
	}
	pid = start(argv + 1);
	wait_for(pid);
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)) < 0)
		die("ptrace");
	go_on(PTRACE_CONT, pid, 0);
	if (!has_executed(wait_for(pid)))
		return 1;
	for (int signal = 0;; count++) {
		go_on(PTRACE_SINGLESTEP, pid, signal);
		status = wait_for(pid);
		if (!WIFSTOPPED(status) || has_executed(status))
			break;
		signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
	}
	if (WIFSTOPPED(status)) {
		go_on(PTRACE_CONT, pid, 0);
		status = wait_for(pid);
	}
	printf("%llu\n", count);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
