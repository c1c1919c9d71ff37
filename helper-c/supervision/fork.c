/* SPDX-License-Identifier: MIT */
/* The fork, and what has to be so before and after it: the child goes on with the steps, the parent waits. */
#define _GNU_SOURCE
#include "entry/signals.h"
#include "supervision/supervision.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void close_range_of(unsigned int first, unsigned int last)
{
	struct rlimit limit = { .rlim_cur = 0 };

	if (first > last || syscall(SYS_close_range, first, last, 0U) == 0)
		return;
	/* Before Linux 5.9 */
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	for (unsigned int fd = first; fd <= last && fd < limit.rlim_cur && fd < 1 << 16; fd++)
		(void)close((int)fd);
}

/*
 * The parent never executes anything, so close-on-exec does not help: a pipe would stay open until the program ends,
 * although the program has closed it.
 */
static void close_all_but(const int *kept, size_t count)
{
	unsigned int first = 0;

	for (;;) {
		unsigned int next = ~0U;

		for (size_t i = 0; i < count; i++)
			if (kept[i] >= (int)first && (unsigned int)kept[i] < next)
				next = (unsigned int)kept[i];
		if (next == ~0U)
			break;
		if (next > first)
			close_range_of(first, next - 1);
		first = next + 1;
	}
	close_range_of(first, ~0U);
}

static _Noreturn void fail_to_fork(const struct entry *entry, int error)
{
	bool inside = entry->joined & CLONE_NEWPID;

	fail(entry, EXIT_OWN_FAILURE, error,
	     inside && error == ENOMEM ?
		     "The init process of the entered PID namespace has ended: no process can be made in it any more." :
		     NULL,
	     "fork", inside ? "into the PID namespace of " : "a child", inside ? entry->from : "", NULL);
}

/* What the caller had; the child gets it back. */
static struct sigaction inherited_reaping;
static uint64_t inherited_mask;

static uint64_t signals_to_wait_for(const struct entry *entry)
{
	/* A terminal in raw mode must not be left by a signal that ends this process. */
	if (entry->forwards || entry->master >= 0)
		return ~UINT64_C(0);
	return signal_bit(SIGCHLD) | signal_bit(SIGCONT) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) |
	       signal_bit(SIGTTOU);
}

/* None may be lost between the fork and the wait: all are blocked before. */
static struct parent prepare(const struct entry *entry)
{
	struct parent parent = { .entry = entry, .set = signals_to_wait_for(entry) };
	/* With an ignored SIGCHLD the kernel reaps the child and its status is lost (wait(2), NOTES). */
	struct sigaction reaping = { .sa_handler = SIG_DFL };

	if (entry->pty_error)
		fail(entry, EXIT_OWN_FAILURE, entry->pty_error, NULL, "open", "pseudo-terminal", NULL);
	if (sigaction(SIGCHLD, &reaping, &inherited_reaping))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "reset", "SIGCHLD", NULL);
	parent.was_foreground = is_foreground(entry->terminal);
	if (change_mask(SIG_BLOCK, parent.set, &inherited_mask))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "block", "signals", NULL);
	if (entry->master >= 0)
		start_relay(entry);
	parent.early = pending_signals();
	return parent;
}

static void restore_signals(void)
{
	(void)sigaction(SIGCHLD, &inherited_reaping, NULL);
	(void)change_mask(SIG_SETMASK, inherited_mask, NULL);
}

static _Noreturn void supervise(struct parent *parent, pid_t child)
{
	const struct entry *entry = parent->entry;
	bool has_pty = entry->master >= 0;
	int signals = -1;

	if (child < 0) {
		int error = errno;

		leave_terminal();
		fail_to_fork(entry, error);
	}
	parent->child = child;
	if (has_pty || entry->owner >= 0)
		signals = open_signals(parent->set);
	int kept[] = {
		entry->terminal, entry->owner, entry->master,			   entry->slave,
		entry->output,	 signals,      has_pty && is_callers(0) ? 0 : -1, has_pty && is_callers(1) ? 1 : -1,
	};
	close_all_but(kept, sizeof(kept) / sizeof(*kept));
	if (entry->forget)
		entry->forget();
	wait_for_child(parent, signals);
}

void step_fork(struct entry *entry, const char *operand)
{
	struct parent parent = prepare(entry);
	pid_t child;

	(void)operand;
	child = fork();
	if (child != 0)
		supervise(&parent, child);
	restore_signals();
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
	struct entry *entry = argument;

	restore_signals();
	entry->go_on(entry);
	return EXIT_OWN_FAILURE;
}

/* Not vfork(3): its child may not return from here, nor call anything that the parent's stack needs. */
void step_vfork(struct entry *entry, const char *operand)
{
	static _Alignas(16) unsigned char stack[64 * 1024];
	struct parent parent = prepare(entry);

	(void)operand;
	supervise(&parent, clone(run_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, entry));
}
#endif

void step_forward_signals(struct entry *entry, const char *operand)
{
	(void)operand;
	entry->forwards = true;
}

/* FD:SIGNAL */
void step_owner(struct entry *entry, const char *operand)
{
	entry->owner = take_fd(entry, &operand);
	if (*operand++ != ':')
		fail_word(entry, operand);
	entry->owner_signal = (int)whole_number(entry, operand, LAST_SIGNAL);
}

void step_own_pidfd(struct entry *entry, const char *operand)
{
	(void)operand;
	entry->own_pidfd = above_standard(entry, (int)syscall(SYS_pidfd_open, getpid(), 0));
	/* Before Linux 5.3, or with a filter of system calls, a parent that dies too early goes unnoticed. */
	if (entry->own_pidfd < 0 && errno != ENOSYS && errno != EPERM)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", "pidfd of this process", NULL);
}

/*
 * The last step of all: a change of credentials undoes it. The parent may have died before; from another PID namespace
 * getppid(2) would not tell.
 */
void step_die_with_parent(struct entry *entry, const char *operand)
{
	int signal = (int)whole_number(entry, operand, LAST_SIGNAL);
	struct pollfd parent = { .fd = entry->own_pidfd, .events = POLLIN };

	if (prctl(PR_SET_PDEATHSIG, (unsigned long)signal, 0L, 0L, 0L) || poll(&parent, 1, 0) < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "watch", "the waiting parent", NULL);
	if (parent.revents)
		(void)kill(getpid(), signal);
}
