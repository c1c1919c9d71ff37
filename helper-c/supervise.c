/* SPDX-License-Identifier: MIT */
/* The fork: the child goes on with the steps, the parent waits as if it were not there, and ends as the child does. */
#define _GNU_SOURCE
#include "supervise.h"

#include "signals.h"

#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A signal that ends the child is the parent's as well: whoever started it sees the same. */
static _Noreturn void die_of(int signal)
{
	struct rlimit no_second_core = { .rlim_cur = 0, .rlim_max = 0 };

	/* The kernel delivers to the init of a PID namespace only what it handles. */
	if (getpid() != 1) {
		(void)setrlimit(RLIMIT_CORE, &no_second_core);
		(void)set_disposition(signal, SIG_DFL);
		let_signal_act(signal);
	}
	_exit(128 + signal);
}

static _Noreturn void end_as_child(const struct parent *parent, int status)
{
	leave_terminal();
	take_terminal_back(parent);
	if (WIFSIGNALED(status))
		die_of(WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}

/* Stops are mirrored on the way. True once the child has ended. */
static bool reap(struct parent *parent, int *end)
{
	/* The init of a PID namespace is given everybody's orphans. */
	pid_t whom = getpid() == 1 ? -1 : parent->child, pid;
	int status;

	while ((pid = waitpid(whom, &status, WNOHANG | WUNTRACED)) > 0) {
		if (pid != parent->child)
			continue;
		if (WIFSTOPPED(status)) {
			mirror_stop(parent, WSTOPSIG(status));
			continue;
		}
		*end = status;
		return true;
	}
	/* A filter of system calls: nothing will ever tell of the child. */
	if (pid < 0 && errno != EINTR)
		_exit(EXIT_OWN_FAILURE);
	return false;
}

/* What the terminal sent to the whole process group, so that the child has got it already. */
static bool came_to_child(const struct parent *parent, const siginfo_t *info)
{
	if (parent->early & signal_bit(info->si_signo))
		return false;
	switch (info->si_signo) {
	case SIGINT:
	case SIGQUIT:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
	case SIGWINCH:
		return info->si_code == SI_KERNEL && getpgid(parent->child) == getpgrp();
	default:
		return false;
	}
}

static bool stops(int signal)
{
	return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* What the disposition of the caller says, with the terminal as the caller left it. */
static void act(int signal)
{
	leave_terminal();
	let_signal_act(signal);
	refresh_relay();
}

static void handle(struct parent *parent, const siginfo_t *info)
{
	const struct entry *entry = parent->entry;
	bool has_pty = entry->master >= 0, early;
	int signal = info->si_signo;

	if (signal == SIGCHLD && info->si_code > 0)
		return;
	if (signal == SIGCONT || signal == SIGWINCH)
		refresh_relay();
	if (came_to_child(parent, info))
		return;
	early = parent->early & signal_bit(signal);
	parent->early &= ~signal_bit(signal);
	if (signal == SIGCONT) {
		/* One from before the fork continued this process alone. */
		if (!early)
			continue_child(parent);
		return;
	}
	/* The program gets one from its own terminal. */
	if (has_pty && signal == SIGWINCH && info->si_code == SI_KERNEL)
		return;
	/* That of a closed output. */
	if (has_pty && signal == SIGPIPE && info->si_pid == getpid())
		return;
	if (has_pty && signal == SIGHUP && info->si_code == SI_KERNEL) {
		hang_up_relay();
		return;
	}
	/* The program has a session of its own, in which its terminal stops what it stops. */
	if (!entry->forwards || (has_pty && stops(signal)))
		act(signal);
	else
		pass_signal(parent->child, info);
}

static _Noreturn void wait_for_signals(struct parent *parent)
{
	for (;;) {
		siginfo_t info;
		int end;

		if (take_signal(parent->set, &info, true) < 0) {
			if (errno == EINTR)
				continue;
			/* A filter of system calls: then without signals. */
			if (waitpid(parent->child, &end, 0) != parent->child)
				_exit(EXIT_OWN_FAILURE);
			end_as_child(parent, end);
		} else if (info.si_signo == SIGCHLD && reap(parent, &end)) {
			end_as_child(parent, end);
		} else {
			handle(parent, &info);
		}
	}
}

/* Nobody has to wait for a terminal that takes no output any more. */
static bool gives_up(int signal)
{
	return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

static void take_signals(struct parent *parent, bool *ended, int *end)
{
	siginfo_t info;

	while (take_signal(parent->set, &info, false) > 0) {
		if (*ended) {
			/* The child's number may be another process's by now. */
			if (gives_up(info.si_signo))
				end_as_child(parent, *end);
		} else if (info.si_signo == SIGCHLD && reap(parent, end)) {
			*ended = true;
		} else {
			handle(parent, &info);
		}
	}
}

static _Noreturn void wait_for_descriptors(struct parent *parent, int signals)
{
	enum { SIGNALS, OWNER, RELAY };
	struct pollfd polls[RELAY + RELAY_POLLS];
	int owner = parent->entry->owner, end = 0;
	bool ended = false;

	for (;;) {
		if (ended && relay_is_drained())
			end_as_child(parent, end);
		polls[SIGNALS] = (struct pollfd){ .fd = signals, .events = POLLIN };
		polls[OWNER] = (struct pollfd){ .fd = owner, .events = POLLIN };
		ask_relay(polls + RELAY);
		if (poll(polls, RELAY + RELAY_POLLS, -1) < 0) {
			if (errno == EINTR)
				continue;
			/* A limit or a filter of system calls: the child's end matters more than its output. */
			if (ended)
				end_as_child(parent, end);
			hang_up_relay();
			wait_for_signals(parent);
		}
		take_signals(parent, &ended, &end);
		if (polls[OWNER].revents && !ended) {
			(void)kill(parent->child, parent->entry->owner_signal);
			owner = -1;
		}
		run_relay(polls + RELAY);
	}
}

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
	if (signals >= 0)
		wait_for_descriptors(parent, signals);
	wait_for_signals(parent);
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
	restore_signals();
	continue_steps(argument);
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
