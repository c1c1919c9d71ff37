/* SPDX-License-Identifier: MIT */
/* The fork, and what has to be so before and after it: the child goes on with the steps, the parent waits. */
#define _GNU_SOURCE
#include "entry/seldom.h"
#include "entry/signals.h"
#include "supervision/supervision.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
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

/* With the init process of a PID namespace all others in it end. */
static bool lives(int pidfd)
{
	struct pollfd process = { .fd = pidfd, .events = POLLIN };

	return pidfd >= 0 && poll(&process, 1, 0) == 0;
}

static const char *why_not_forked(const struct entry *entry, bool inside, int error)
{
	/* fork(2), ERRORS */
	if (error == EAGAIN)
		return "A limit of processes is reached: pids.max of the caller's cgroup, 'ulimit -u', or kernel.pid_max.";
	if (error == ENOMEM && (!inside || lives(entry->member)))
		return "Memory is short: a child may need as much as this process has (proc(5), vm.overcommit_memory).";
	if (error == ENOMEM)
		return "The init process of the entered PID namespace has ended: no process can be made in it any more.";
	return NULL;
}

static _Noreturn void fail_to_fork(const struct entry *entry, int error)
{
	bool inside = entry->joined & CLONE_NEWPID;

	fail(entry, EXIT_OWN_FAILURE, error, why_not_forked(entry, inside, error), "fork", inside ? "into the PID namespace of " : "a child",
	     inside ? entry->from : "", NULL);
}

static uint64_t signals_to_wait_for(const struct entry *entry)
{
	/* A terminal in raw mode must not be left by a signal that ends this process. */
	if (entry->forwards || entry->has_pty)
		return ~UINT64_C(0);
	return signal_bit(SIGCHLD) | signal_bit(SIGCONT) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) |
	       signal_bit(SIGTTOU);
}

/* Between the two sides of the fork; each end is close-on-exec, and none is in the place of a standard stream. */
struct ends {
	int parents, childs;
};

static struct ends open_ends(const struct entry *entry, int (*open_pair)(int pair[2]), const char *what)
{
	int pair[2];

	if (open_pair(pair))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", what, NULL);
	return (struct ends){ above_standard(entry, pair[0]), above_standard(entry, pair[1]) };
}

static int open_pipe(int pair[2])
{
	return pipe2(pair, O_CLOEXEC);
}

static int open_sockets(int pair[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

/* What the caller had; the child gets it back. */
static struct sigaction inherited_reaping;

/*
 * All that may fail for want of something is had before the fork. No signal may be lost between that and the wait: all are blocked.
 */
static struct parent prepare(struct entry *entry)
{
	struct parent parent = { .entry = entry, .set = signals_to_wait_for(entry), .signals = -1 };
	/* With an ignored SIGCHLD the kernel reaps the child and its status is lost (wait(2), NOTES). */
	struct sigaction reaping = { .sa_handler = SIG_DFL };

	if (sigaction(SIGCHLD, &reaping, &inherited_reaping))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "reset", "SIGCHLD", NULL);
	parent.was_foreground = is_foreground(entry->terminal);
	if (change_mask(SIG_BLOCK, parent.set, &parent.callers_mask))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "block", "signals", NULL);
	parent.early = pending_signals();
	if (entry->has_pty || entry->owner >= 0) {
		parent.signals = above_standard(entry, open_signals(parent.set));
		if (parent.signals < 0)
			fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", "descriptor of signals", NULL);
	}
	if (entry->withhold)
		entry->withhold();
	return parent;
}

static void restore_signals(const struct parent *parent)
{
	if (sigaction(SIGCHLD, &inherited_reaping, NULL) || change_mask(SIG_SETMASK, parent->callers_mask, NULL))
		fail(parent->entry, EXIT_OWN_FAILURE, errno, NULL, "restore", "signals", NULL);
}

/* The kernel's own call, with nothing around it: the library's changes the mask on the way, and there are no threads to mind. */
static pid_t make_child(void)
{
	return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

/* What the caller typed is what ps(1) shows of the process that waits. No word of a step is read after this. */
static void show_callers_words(const struct entry *entry)
{
	char **last = entry->called_with, *behind_name, *end;

	if (!entry->name || !*last)
		return;
	while (last[1])
		last++;
	end = *last + strlen(*last) + 1;
	behind_name = entry->name + strlen(entry->name) + 1;
	/* They lie in one piece, where the kernel put them: proc_pid_cmdline(5). */
	if (behind_name > *entry->called_with)
		return;
	memmove(behind_name, *entry->called_with, (size_t)(end - *entry->called_with));
	behind_name += end - *entry->called_with;
	memset(behind_name, 0, (size_t)(end - behind_name));
}

/*
 * Only the relay has something to tell later (--pty). The words of the steps are gone by then, and to who spawned this one a failure of the
 * entry itself would be over with the status descriptor.
 */
static void keep_what_messages_need(struct entry *entry)
{
	static SELDOM_WRITTEN char prefix[256];

	entry->status_fd = -1;
	if (!entry->has_pty || !is_callers(STDERR_FILENO))
		entry->messages = -1;
	if (entry->prefix)
		entry->prefix = strlen(entry->prefix) < sizeof(prefix) ? strcpy(prefix, entry->prefix) : NULL;
}

static _Noreturn void supervise(struct parent *parent)
{
	struct entry *entry = parent->entry;
	const bool has_pty = entry->has_pty;

	tell_child(entry, parent->child);
	keep_what_messages_need(entry);

	const int kept[] = {
		entry->terminal,   entry->owner,    entry->master,   entry->slave,
		entry->output,	   entry->messages, parent->executing, parent->signals,
		parent->channel,   has_pty && is_callers(0) ? 0 : -1, has_pty && is_callers(1) ? 1 : -1,
		entry->starter,	   entry->sizes,
	};

	close_all_but(kept, sizeof(kept) / sizeof(*kept));
	show_callers_words(entry);
	if (entry->release)
		entry->release();
	wait_for_child(parent);
}

static void close_if_open(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/*
 * What is the parent's alone. The other side's end of a pipe would hide that it has gone, and whoever is inside may hold the child and take
 * what it has open (pidfd_getfd(2)): a process of the host, or the caller's terminal.
 */
static void close_parents(struct parent *parent)
{
	close_if_open(&parent->executing);
	close_if_open(&parent->channel);
	close_if_open(&parent->signals);
	close_if_open(&parent->entry->owner);
	close_if_open(&parent->entry->output);
	close_if_open(&parent->entry->starter);
	close_if_open(&parent->entry->sizes);
	/* A pseudo-terminal of the child's own is dressed like it (terminal/pty.c). */
	if (!parent->entry->has_pty)
		close_if_open(&parent->entry->terminal);
}

void step_fork(struct entry *entry, const char *operand)
{
	struct parent parent = prepare(entry);
	struct ends executing = open_ends(entry, open_pipe, "pipe");
	struct ends channel = { -1, -1 };

	(void)operand;
	if (entry->has_pty)
		channel = open_ends(entry, open_sockets, "socket pair");
	parent.executing = executing.parents;
	parent.channel = channel.parents;
	parent.child = make_child();
	if (parent.child < 0)
		fail_to_fork(entry, errno);
	if (parent.child > 0)
		supervise(&parent);
	close_parents(&parent);
	entry->executing = executing.childs;
	entry->channel = channel.childs;
	restore_signals(&parent);
}

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

/* SIGNAL. The last step of all: a change of credentials undoes it. */
void step_die_with_parent(struct entry *entry, const char *operand)
{
	entry->death_signal = (int)whole_number(entry, operand, LAST_SIGNAL);
	watch_parent_again(entry);
}
