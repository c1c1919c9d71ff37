/* SPDX-License-Identifier: MIT */
/* The terminal of the caller, and the program's own (--pty). */
#ifndef TSENTER_TERMINAL_H
#define TSENTER_TERMINAL_H

#include "entry/entry.h"

#include <poll.h>
#include <stdbool.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

bool is_foreground(int terminal);
/* In the background a terminal is somebody else's. */
bool may_use(int terminal);
/* A descriptor that no standard stream is in the place of; ends the process where there is no room. */
int above_standard(const struct entry *entry, int fd);
/* Whether one of the standard streams is what the caller had there; what tsenter opens is close-on-exec. */
bool is_callers(int fd);

/* Takes the pseudo-terminal that a child hands over. Gives the errno that it is to be answered with, or -1: none comes. */
int take_pty(struct entry *entry, int channel);

/* The size that was said, if one was; and another one, which can be read. */
void set_size(const struct entry *entry, int terminal);
void take_size(struct entry *entry);

/* The relay between the caller's streams and the pseudo-terminal (relay.c). */
enum { RELAY_POLLS = 3 };

/* What is typed from then on is for the program. */
void start_relay(const struct entry *entry);
/* What the relay waits for; an entry of -1 is nothing. */
void ask_relay(struct pollfd polls[RELAY_POLLS]);
/* How many milliseconds to wait for that before asking anew; -1: however long it takes. */
int relay_patience(void);
void run_relay(const struct pollfd polls[RELAY_POLLS]);
/* What was typed for the waiting parent behind the escape character, once. */
enum escape { NO_ESCAPE, ESCAPE_HANG_UP, ESCAPE_STOP };
enum escape typed_escape(void);
/* The signal that the caller's terminal would have sent for what was typed and not handed on yet; 0: none. */
int typed_signal(void);
/* For when the child has ended: whether nothing is left of what it wrote. */
bool relay_is_drained(void);
/* Why something of it could not be written on; 0: all was. */
int lost_output(void);
/* Why not all of the input could be read, whose end the program saw; 0: it was. */
int lost_input(void);
/* The caller's terminal has gone, or nobody reads: the pseudo-terminal hangs up. */
void hang_up_relay(void);
/* The size, and whether the terminal may be read, may have changed. */
void refresh_relay(void);
/* The caller's terminal as it was. */
void leave_terminal(void);
/*
 * Whether the keys of the caller's terminal are for the program; and, once there is none any more although output is left, for the caller's own,
 * so that ^C is a signal.
 */
bool keys_are_programs(void);
void take_keys_back(void);

#endif
