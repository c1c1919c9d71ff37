/*
 * under-qemu - execute an executable for another machine under qemu's user emulation, with the arguments, the name and
 * the environment that this one was given. QEMU and EXECUTABLE are defined by who compiles it.
 *
 * Two things that qemu does to every program are undone. It reverses the environment: it gets a reversed one. And it
 * starts a thread of its own (call_rcu, which frees what a long-lived emulator no longer needs), but setns(2) refuses
 * mount, user and time namespaces to a process with threads: a tracer lets qemu believe that the thread was made, and
 * goes away.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void die(const char *what)
{
	fprintf(stderr, "under-qemu: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* Of a process at a system call that makes a thread: none is made, and the number of one is returned. */
static void pretend(pid_t pid, struct user_regs_struct *registers)
{
	int status;

	registers->orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, pid, 0, registers);
	ptrace(PTRACE_SYSCALL, pid, 0, 0);
	if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
		_exit(1);
	registers->rax = (unsigned long long)pid + 1;
	ptrace(PTRACE_SETREGS, pid, 0, registers);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	_exit(0);
}

static void trace(pid_t pid, int ready)
{
	int status, sig = 0;

	if (ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESYSGOOD) || ptrace(PTRACE_INTERRUPT, pid, 0, 0))
		die("PTRACE_SEIZE");
	if (waitpid(pid, &status, __WALL) != pid || write(ready, "", 1) != 1)
		_exit(1);
	close(ready);
	while (ptrace(PTRACE_SYSCALL, pid, 0, sig) == 0 && waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		struct user_regs_struct registers;
		bool is_call = WSTOPSIG(status) == (SIGTRAP | 0x80);

		sig = is_call || status >> 16 ? 0 : WSTOPSIG(status);
		if (!is_call || ptrace(PTRACE_GETREGS, pid, 0, &registers))
			continue;
		if (registers.orig_rax == SYS_clone3 ||
		    (registers.orig_rax == SYS_clone && registers.rdi & CLONE_THREAD))
			pretend(pid, &registers);
	}
	_exit(0);
}

/* By a process that is no child of ours. */
static void be_traced(void)
{
	pid_t self = getpid(), child;
	int ready[2];
	char byte;

	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0L, 0L, 0L);
	if (pipe2(ready, O_CLOEXEC))
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		close(ready[0]);
		/* The output of a program ends with it. */
		if (fork() == 0) {
			if (ready[1] > 2)
				syscall(SYS_close_range, 0, 2, 0);
			trace(self, ready[1]);
		}
		_exit(0);
	}
	close(ready[1]);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	if (read(ready[0], &byte, 1) != 1)
		die("tracer");
	close(ready[0]);
}

static char **reversed(char **list)
{
	size_t n = 0, i;
	char **result;

	while (list[n])
		n++;
	result = calloc(n + 1, sizeof(*result));
	if (!result)
		die("memory");
	for (i = 0; i < n; i++)
		result[i] = list[n - 1 - i];
	return result;
}

int main(int argc, char **argv)
{
	/* qemu's three words more, one of this, and the NULL. */
	char **words = calloc((size_t)argc + 6, sizeof(*words));
	/* It executes no file by a descriptor (execveat(2)), which is how an executable is sealed. */
	char qemu[] = QEMU, name[] = "-0", executable[] = EXECUTABLE, unsealed[] = "--unsealed";

	if (!words)
		die("memory");
	words[0] = qemu;
	words[1] = name;
	words[2] = argv[0];
	words[3] = executable;
	words[4] = unsealed;
	if (argc > 1)
		memcpy(words + 5, argv + 1, ((size_t)argc - 1) * sizeof(*words));
	be_traced();
	execve(qemu, words, reversed(environ));
	die(qemu);
}
