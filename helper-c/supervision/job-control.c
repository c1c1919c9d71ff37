/* SPDX-License-Identifier: MIT */
/*
 * Job control: whoever started tsenter sees it stop and go on as its child does, and finds the terminal where it would
 * be without it.
 */
#define _GNU_SOURCE
#include "entry/signals.h"
#include "supervision/supervision.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool is_callers(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

int above_standard(const struct entry *entry, int fd)
{
	int higher;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (higher < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "duplicate", "descriptor", NULL);
	(void)close(fd);
	return higher;
}

/*
 * Opened before a mount namespace is entered: inside, /dev/tty is whatever the target put there. Where the caller has
 * no such file, one of the standard streams may still be the controlling terminal.
 */
void step_terminal(struct entry *entry, const char *operand)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	(void)operand;
	if (fd < 0 && errno != ENXIO)
		for (int stream = 0; fd < 0 && stream <= STDERR_FILENO; stream++)
			if (is_callers(stream) && tcgetpgrp(stream) >= 0)
				fd = fcntl(stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	entry->terminal = above_standard(entry, fd);
}

bool is_foreground(int terminal)
{
	return terminal >= 0 && tcgetpgrp(terminal) == getpgrp();
}

bool may_use(int terminal)
{
	pid_t group = tcgetpgrp(terminal);

	/* A terminal that controls another session knows no groups of ours. */
	return group < 0 || group == getpgrp();
}

/*
 * Whether the parent of this process is in another group of the same session: it can continue what it sees stop. A shell
 * that waits in between hides who can.
 */
static bool parent_can_continue(void)
{
	pid_t parent = getppid();

	return parent > 0 && getsid(parent) == getsid(0) && getpgid(parent) != getpgrp();
}

/*
 * Stops only where someone can continue: in a group without such a parent (an orphaned one) the kernel does not let
 * SIGTSTP and its like stop anybody (setpgid(2), NOTES), but would SIGSTOP, for ever.
 */
static void stop_as(int signal)
{
	/*
	 * Who continues this process already means the child. To raise a stop signal would throw that SIGCONT away (signal(7)),
	 * also where it stops nobody, as in the group of a session's leader.
	 */
	if (pending_signals() & signal_bit(SIGCONT) || getsid(0) == getpid())
		return;
	if (signal == SIGSTOP && parent_can_continue()) {
		(void)kill(getpid(), SIGSTOP);
		return;
	}
	signal = signal == SIGSTOP ? SIGTSTP : signal;
	(void)set_disposition(signal, SIG_DFL);
	let_signal_act(signal);
}

/* SIGTTOU is blocked: the background may give the terminal away. */
void mirror_stop(struct parent *parent, int signal)
{
	int terminal = parent->entry->terminal;
	pid_t own = getpgrp(), group = getpgid(parent->child);

	if (terminal < 0)
		return;
	leave_terminal();
	if (group > 0 && group != own && tcgetpgrp(terminal) == group) {
		parent->stopped_group = group;
		(void)tcsetpgrp(terminal, own);
	}
	stop_as(signal);
	refresh_relay();
}

void continue_child(struct parent *parent)
{
	pid_t group = parent->stopped_group;

	if (group > 0 && is_foreground(parent->entry->terminal)) {
		(void)tcsetpgrp(parent->entry->terminal, group);
		parent->stopped_group = 0;
		(void)kill(-group, SIGCONT);
		return;
	}
	(void)kill(parent->child, SIGCONT);
}

/* An interactive shell in another PID namespace sees group 0 as the terminal's owner, and cannot give it back. */
void take_terminal_back(const struct parent *parent)
{
	int terminal = parent->entry->terminal;
	pid_t group;

	if (terminal < 0 || !parent->was_foreground)
		return;
	group = tcgetpgrp(terminal);
	if (group > 0 && group != getpgrp() && kill(-group, 0) && errno == ESRCH)
		(void)tcsetpgrp(terminal, getpgrp());
}
