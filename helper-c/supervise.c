/* SPDX-License-Identifier: MIT */
/* The fork: the child goes on with the steps, the parent waits and ends as the child does. */
#define _GNU_SOURCE
#include "helper.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A signal that stops or ends the child is the parent's as well: whoever started it sees the same. */
static _Noreturn void die_of(int signal)
{
	struct rlimit no_second_core = { .rlim_cur = 0, .rlim_max = 0 };

	/* The kernel delivers to the init of a PID namespace only what it handles. */
	if (getpid() != 1) {
		(void)setrlimit(RLIMIT_CORE, &no_second_core);
		(void)set_disposition(signal, SIG_DFL);
		(void)unblock_signal(signal);
		(void)kill(getpid(), signal);
	}
	_exit(128 + signal);
}

static _Noreturn void wait_for(pid_t child)
{
	int status;

	for (;;) {
		if (waitpid(child, &status, WUNTRACED) < 0) {
			if (errno == EINTR)
				continue;
			_exit(EXIT_OWN_FAILURE);
		}
		if (WIFEXITED(status))
			_exit(WEXITSTATUS(status));
		if (WIFSIGNALED(status))
			die_of(WTERMSIG(status));
		if (WIFSTOPPED(status)) {
			(void)kill(getpid(), SIGSTOP);
			(void)kill(child, SIGCONT);
		}
	}
}

/* close_range(2) since Linux 5.9 */
static void close_everything(void)
{
	struct rlimit limit = { .rlim_cur = 0 };

	if (syscall(SYS_close_range, 0U, ~0U, 0U) == 0)
		return;
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	for (int fd = 0; (rlim_t)fd < limit.rlim_cur && fd < 1 << 16; fd++)
		(void)close(fd);
}

static const char *fork_hint(const struct entry *entry, int error)
{
	if (error == ENOMEM && entry->joined & CLONE_NEWPID)
		return "The init process of the entered PID namespace has ended: no process can be made in it any more.";
	return NULL;
}

/* What the caller had; the child gets it back. */
static struct sigaction inherited;

/* With an ignored SIGCHLD the kernel reaps the child and its status is lost (wait(2), NOTES). */
static void expect_child(const struct entry *entry)
{
	struct sigaction reaping = { .sa_handler = SIG_DFL };

	if (sigaction(SIGCHLD, &reaping, &inherited))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "reset", "SIGCHLD", NULL);
}

static _Noreturn void supervise(struct entry *entry, pid_t child)
{
	if (child < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, fork_hint(entry, errno), "fork", "into the PID namespace of ",
		     entry->from, NULL);
	/*
	 * The parent never executes anything, so close-on-exec does not help: a pipe would stay open until the program
	 * ends, although the program has closed it.
	 */
	close_everything();
	if (entry->forget)
		entry->forget();
	wait_for(child);
}

void step_fork(struct entry *entry, const char *operand)
{
	pid_t child;

	(void)operand;
	expect_child(entry);
	child = fork();
	if (child != 0)
		supervise(entry, child);
	(void)sigaction(SIGCHLD, &inherited, NULL);
}

#ifdef __SANITIZE_ADDRESS__
/* The sanitizer does not know a second stack in the same memory. */
void step_vfork(struct entry *entry, const char *operand)
{
	step_fork(entry, operand);
}
#else
static int run_child(void *argument)
{
	(void)sigaction(SIGCHLD, &inherited, NULL);
	continue_steps(argument);
}

/* Not vfork(3): its child may not return from here, nor call anything that the parent's stack needs. */
void step_vfork(struct entry *entry, const char *operand)
{
	static _Alignas(16) unsigned char stack[64 * 1024];

	(void)operand;
	expect_child(entry);
	supervise(entry, clone(run_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, entry));
}
#endif
