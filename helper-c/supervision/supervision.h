/* SPDX-License-Identifier: MIT */
/* What the waiting parent of a fork consists of. */
#ifndef TSENTER_SUPERVISION_H
#define TSENTER_SUPERVISION_H

#include "entry/entry.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The waiting parent and its child. */
struct parent {
	const struct entry *entry;
	pid_t child;
	/* the signals that it waits for: blocked */
	uint64_t set;
	/* got before there was a child, so by this process alone even where the terminal sends to a whole group */
	uint64_t early;
	/* whether the own process group had the terminal when the child began */
	bool was_foreground;
	/* the child's group, where it stopped while it had the terminal; 0: none */
	pid_t stopped_group;
};

/* Ends with the child. SIGNALS is a signalfd(2) where descriptors are waited for as well, else -1. */
_Noreturn void wait_for_child(struct parent *parent, int signals);

/* Job control: the terminal's process groups, and stops. */
void mirror_stop(struct parent *parent, int signal);
void continue_child(struct parent *parent);
/* For when the child has ended. */
void take_terminal_back(const struct parent *parent);

#endif
