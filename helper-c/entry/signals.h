/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_SIGNALS_H
#define TSENTER_SIGNALS_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

enum { LAST_SIGNAL = 64, SIGNAL_DESCRIPTOR_FLAGS = O_CLOEXEC | O_NONBLOCK };

/* A set of signals as the kernel has it: signal 1 is bit 0. */
static inline uint64_t signal_bit(int signal)
{
	return UINT64_C(1) << (signal - 1);
}

int set_disposition(int signal, void (*handler)(int));
bool is_ignored(int signal);
int change_mask(int how, uint64_t set, uint64_t *before);
/* Those that are blocked and wait for this process. */
uint64_t pending_signals(void);

/* The next blocked signal of the set; negative where none comes in that time (NULL: any), or the wait was interrupted. */
int take_signal(uint64_t set, siginfo_t *info, const struct timespec *most);

extern const struct timespec no_wait;
/* A descriptor that is readable while a signal of the set is pending (signalfd(2)). */
int open_signals(uint64_t set);

/* Sends another process what this one got. */
void pass_signal(pid_t process, const siginfo_t *info);
/* Does to this process what the disposition of a blocked signal says: ends it, stops it for a while, or nothing. */
void let_signal_act(int signal);

#endif
