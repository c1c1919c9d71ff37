/* SPDX-License-Identifier: MIT */
/*
 * Job control: whoever started tsenter sees it stop and go on as its child does, and finds the terminal where it would
 * be without it.
 */
#define _GNU_SOURCE
#include "entry/signals.h"
#include "supervision/supervision.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <unistd.h>

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
