/* SPDX-License-Identifier: MIT */
/* The waiting parent: as if it were not there. It ends as the child does. */
#define _GNU_SOURCE
#include "supervision/supervision.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* So that signals are looked at in between: who is inside can make children of this process for ever (CLONE_PARENT). */
enum { MOST_AT_ONCE = 32 };

static bool stops(int signal)
{
	return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/*
 * Stops are mirrored on the way. True once the child has ended. Others are reaped and mean nothing else: what the program
 * made with CLONE_PARENT is a child of this process, and so is what the caller left when it executed tsenter, whatever
 * signal it ends with (__WALL), and, for the init of a PID namespace or a subreaper, everybody's orphan.
 */
static bool reap(struct parent *parent, int *end)
{
	parent->children_left = false;
	for (int count = 0; count < MOST_AT_ONCE; count++) {
		struct change change;
		pid_t pid = wait_for_any(WNOHANG | WUNTRACED, &change);

		if (pid == 0)
			return false;
		if (pid < 0 && errno != EINTR) {
			/* A filter of system calls: nothing will ever tell of the child. */
			leave_terminal();
			_exit(own_failure(parent->entry));
		}
		if (pid != parent->child) {
			parent->children_left = true;
		} else if (change.has_ended) {
			*end = change.status;
			return true;
		} else if (stops(change.stopped_by)) {
			/* Before, it is no program that stops: whoever is inside does it, and the caller's own stop comes here too. */
			if (has_executed(parent))
				mirror_stop(parent, change.stopped_by);
		}
	}
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

static void handle(struct parent *parent, const siginfo_t *info);

static void pass_once(struct parent *parent, const siginfo_t *info)
{
	siginfo_t continued = { .si_signo = 0 };
	bool came = came_with_group(parent, info, &continued);

	/* A program that is in another group by now has not got it. */
	if (!came || getpgid(parent->child) != getpgrp())
		pass_signal(parent->child, info);
	if (continued.si_signo != 0)
		handle(parent, &continued);
}

static void handle(struct parent *parent, const siginfo_t *info)
{
	const struct entry *entry = parent->entry;
	bool has_pty = entry->has_pty, early;
	int signal = info->si_signo;

	if (signal == SIGCHLD && info->si_code > 0)
		return;
	if (signal == SIGCONT || signal == SIGWINCH)
		refresh_relay();
	if (signal != SIGCONT && !has_executed(parent)) {
		act_before_exec(parent, info);
		return;
	}
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
	/* Those of the own output: it was closed, or is larger than the limit of files. */
	if (has_pty && (signal == SIGPIPE || signal == SIGXFSZ) && info->si_pid == getpid())
		return;
	if (has_pty && signal == SIGHUP && info->si_code == SI_KERNEL) {
		hang_up_relay();
		return;
	}
	/* The program has a session of its own, in which its terminal stops what it stops. */
	if (!entry->forwards || (has_pty && stops(signal)))
		let_act(signal);
	else
		pass_once(parent, info);
}

/* A filter of system calls denies to wait for signals. */
static _Noreturn void wait_without_signals(const struct parent *parent)
{
	struct change change;

	for (pid_t pid = 0; pid != parent->child || !change.has_ended;)
		if ((pid = wait_for_any(0, &change)) < 0 && errno != EINTR) {
			leave_terminal();
			_exit(own_failure(parent->entry));
		}
	end_as_child(parent, change.status);
}

static _Noreturn void wait_for_signals(struct parent *parent)
{
	for (;;) {
		bool left = parent->children_left, is_taken;
		siginfo_t info;
		int end;

		/* SIGCHLD comes before those of higher numbers, again and again. */
		is_taken = left ? take_signal(parent->set & ~signal_bit(SIGCHLD), &info, &no_wait) > 0 :
				  take_signal(parent->set, &info, NULL) > 0;
		if (!is_taken && errno != EAGAIN && errno != EINTR)
			wait_without_signals(parent);
		if ((left || (is_taken && info.si_signo == SIGCHLD)) && reap(parent, &end))
			end_as_child(parent, end);
		if (is_taken)
			handle(parent, &info);
	}
}

/* Nobody has to wait for a terminal that takes no output any more. */
static bool gives_up(int signal)
{
	return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

/* Where a filter of system calls denies the other way to take one, which would leave it pending for ever. */
static bool read_signal(int signals, siginfo_t *info)
{
	struct signalfd_siginfo record;

	if (errno == EAGAIN || errno == EINTR || read(signals, &record, sizeof(record)) != sizeof(record))
		return false;
	*info = (siginfo_t){ .si_signo = (int)record.ssi_signo, .si_code = record.ssi_code };
	return true;
}

static void take_signals(struct parent *parent, bool *ended, int *end)
{
	siginfo_t info;
	bool is_child = false;

	for (int count = 0; count < MOST_AT_ONCE && !is_child; count++) {
		/* SIGCHLD last: it comes before those of higher numbers, again and again. */
		if (take_signal(parent->set & ~signal_bit(SIGCHLD), &info, &no_wait) <= 0 && !read_signal(parent->signals, &info) &&
		    take_signal(signal_bit(SIGCHLD), &info, &no_wait) <= 0)
			break;
		is_child = info.si_signo == SIGCHLD;
		if (*ended) {
			/* The child's number may be another process's by now. */
			if (gives_up(info.si_signo))
				end_as_child(parent, *end);
		} else if (is_child && reap(parent, end)) {
			*ended = true;
		} else {
			handle(parent, &info);
		}
	}
	if (!*ended && !is_child && parent->children_left)
		*ended = reap(parent, end);
}

static void answer(struct parent *parent, int error)
{
	if (error >= 0)
		(void)send(parent->channel, &error, sizeof(error), MSG_NOSIGNAL);
	(void)close(parent->channel);
	parent->channel = -1;
}

/* Only now is it known which pseudo-terminal it is. The child executes nothing before it is answered. */
static void take_over(struct parent *parent)
{
	int error = take_pty(parent->entry, parent->channel);

	if (error == 0)
		start_relay(parent->entry);
	answer(parent, error);
}

/*
 * As the caller's terminal would have sent it: to the whole group, for whoever else is in it must not be left behind with a terminal that
 * nobody reads.
 */
static void send_as_terminal(int signal)
{
	if (signal != 0)
		(void)kill(0, signal);
}

static void act_as_typed(struct parent *parent)
{
	switch (typed_escape()) {
	case NO_ESCAPE:
		break;
	case ESCAPE_STOP:
		send_as_terminal(SIGTSTP);
		break;
	case ESCAPE_HANG_UP:
		if (!has_executed(parent))
			end_with_child(parent, SIGHUP);
		end_hung_up(parent);
	}
	/* The terminal is raw already, and there is no program yet that would have to be asked what its keys mean. */
	if (!has_executed(parent))
		send_as_terminal(typed_signal());
}

/* What is written at once comes out of the terminal as it is; what nobody takes does not keep its keys from whoever waits for that. */
static bool waits(const struct parent *parent, bool ended)
{
	return ended ? !keys_are_programs() : !parent->children_left;
}

static _Noreturn void wait_for_descriptors(struct parent *parent)
{
	enum { SIGNALS, OWNER, CHANNEL, SIZES, RELAY };
	struct pollfd polls[RELAY + RELAY_POLLS];
	int owner = parent->entry->owner, end = 0, count;
	bool ended = false;

	for (;;) {
		if (ended && relay_is_drained())
			end_as_child(parent, end);
		polls[SIGNALS] = (struct pollfd){ .fd = parent->signals, .events = POLLIN };
		polls[OWNER] = (struct pollfd){ .fd = owner, .events = POLLIN };
		polls[CHANNEL] = (struct pollfd){ .fd = parent->channel, .events = POLLIN };
		polls[SIZES] = (struct pollfd){ .fd = parent->entry->sizes, .events = POLLIN };
		ask_relay(polls + RELAY);
		count = poll(polls, RELAY + RELAY_POLLS, waits(parent, ended) ? relay_patience() : 0);
		if (count < 0) {
			if (errno == EINTR)
				continue;
			/* A limit or a filter of system calls: the child's end matters more than its output. */
			if (ended)
				end_as_child(parent, end);
			if (parent->channel >= 0)
				answer(parent, errno);
			hang_up_relay();
			wait_for_signals(parent);
		}
		if (count == 0 && ended)
			take_keys_back();
		take_signals(parent, &ended, &end);
		if (polls[OWNER].revents && !ended) {
			(void)kill(parent->child, parent->entry->owner_signal);
			owner = -1;
		}
		if (polls[CHANNEL].revents)
			take_over(parent);
		if (polls[SIZES].revents)
			take_size(parent->entry);
		run_relay(polls + RELAY);
		if (polls[RELAY].revents)
			act_as_typed(parent);
	}
}

void wait_for_child(struct parent *parent)
{
	if (parent->signals >= 0)
		wait_for_descriptors(parent);
	wait_for_signals(parent);
}
