/* SPDX-License-Identifier: MIT */
/* What the waiting parent of a fork consists of. */
#ifndef TSENTER_SUPERVISE_H
#define TSENTER_SUPERVISE_H

#include "entry/entry.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

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

/* Job control (job-control.c): the terminal's process groups, and stops. */
bool is_foreground(int terminal);
/* In the background a terminal is somebody else's. */
bool may_use(int terminal);
void mirror_stop(struct parent *parent, int signal);
void continue_child(struct parent *parent);
/* For when the child has ended. */
void take_terminal_back(const struct parent *parent);
/* A descriptor that no standard stream is in the place of; ends the process where there is no room. */
int above_standard(const struct entry *entry, int fd);
/* Whether one of the standard streams is what the caller had there; what tsenter opens is close-on-exec. */
bool is_callers(int fd);

/* The relay between the caller's streams and the pseudo-terminal (relay.c). */
enum { RELAY_POLLS = 3 };

/* Before the fork: what is typed from then on is for the program. */
void start_relay(const struct entry *entry);
/* What the relay waits for; an entry of -1 is nothing. */
void ask_relay(struct pollfd polls[RELAY_POLLS]);
void run_relay(const struct pollfd polls[RELAY_POLLS]);
/* For when the child has ended: whether nothing is left of what it wrote. */
bool relay_is_drained(void);
/* The caller's terminal has gone, or nobody reads: the pseudo-terminal hangs up. */
void hang_up_relay(void);
/* The size, and whether the terminal may be read, may have changed. */
void refresh_relay(void);
/* The caller's terminal as it was. */
void leave_terminal(void);

#endif
