/* SPDX-License-Identifier: MIT */
/* What the waiting parent of a fork consists of. */
#ifndef TSENTER_SUPERVISION_H
#define TSENTER_SUPERVISION_H

#include "entry/entry.h"
#include "entry/signals.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The waiting parent and its child. */
struct parent {
	struct entry *entry;
	pid_t child;
	/* the signals that it waits for: blocked */
	uint64_t set;
	/* of these, and of all others, what the caller had blocked */
	uint64_t callers_mask;
	/* got before there was a child, so by this process alone even where the terminal sends to a whole group */
	uint64_t early;
	/* a signalfd(2) where descriptors are waited for as well, else -1 */
	int signals;
	/* hung up once the child has executed the program, or has ended; -1: it has */
	int executing;
	/* by which the child hands over its pseudo-terminal; -1: it has, or there is none */
	int channel;
	/* there may be more that have ended than were reaped in one turn */
	bool children_left;
	/* whether the own process group had the terminal when the child began */
	bool was_foreground;
	/* the child's group, where it stopped while it had the terminal; 0: none */
	pid_t stopped_group;
};

/* What has become of a child: neither where it was let go on. */
struct change {
	bool has_ended;
	/* of wait(2), of one that has ended */
	int status;
	/* 0: it is not stopped */
	int stopped_by;
};

/* waitpid(2) for all children there are, whatever made them. Who has made this process its tracer is let go. */
pid_t wait_for_any(int options, struct change *change);

/* Ends with the child. */
_Noreturn void wait_for_child(struct parent *parent);

/* As long as the child has not executed the program, a signal does to both what it would have done to this process alone. */
bool has_executed(struct parent *parent);
void act_before_exec(struct parent *parent, const siginfo_t *info);

/*
 * Whether a signal for the program was sent to the whole group, too. CONTINUED is the SIGCONT that was taken to find out, and
 * is to be handled; si_signo is as it was where none was.
 */
bool came_with_group(const struct parent *parent, const siginfo_t *info, siginfo_t *continued);

/* Each with the terminal as the caller left it. */
_Noreturn void end_as_child(const struct parent *parent, int status);
_Noreturn void end_with_child(const struct parent *parent, int signal);
/* As the child, if that ends because its terminal hangs up. */
_Noreturn void end_hung_up(const struct parent *parent);
/* What the disposition of the caller says. */
void let_act(int signal);

/* Job control: the terminal's process groups, and stops. */
void mirror_stop(struct parent *parent, int signal);
void continue_child(struct parent *parent);
/* For when the child has ended. */
void take_terminal_back(const struct parent *parent);

#endif
