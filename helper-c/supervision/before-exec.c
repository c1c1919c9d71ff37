/* SPDX-License-Identifier: MIT */
/*
 * Until the child executes the program, whoever controls the target may hold it: by a lease on the program, a file system in user
 * space, SIGSTOP. There is no program yet that a signal could be for.
 */
#define _GNU_SOURCE
#include "supervision/supervision.h"

#include <poll.h>
#include <unistd.h>

bool has_executed(struct parent *parent)
{
	struct pollfd other_end = { .fd = parent->executing };

	if (parent->executing < 0)
		return true;
	if (poll(&other_end, 1, 0) <= 0)
		return false;
	(void)close(parent->executing);
	parent->executing = -1;
	return true;
}

/* signal(7): what the default disposition makes of it */
static bool is_ignored_by_default(int signal)
{
	return signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT;
}

void act_before_exec(struct parent *parent, const siginfo_t *info)
{
	int signal = info->si_signo;

	if (parent->callers_mask & signal_bit(signal)) {
		/* It waits for the program, as it would have in this process. */
		pass_signal(parent->child, info);
	} else if (is_ignored(signal) || is_ignored_by_default(signal)) {
		return;
	} else if (signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) {
		let_act(signal);
	} else {
		end_with_child(parent, signal);
	}
}
