/* SPDX-License-Identifier: MIT */
/* The kernel's own calls: libc keeps signals 32 to 34 for itself, and the program may use them. */
#define _GNU_SOURCE
#include "entry/signals.h"

#include <sys/syscall.h>
#include <unistd.h>

struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

int set_disposition(int signal, void (*handler)(int))
{
	struct kernel_action action = { .handler = handler };

	return (int)syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof(action.mask));
}

bool is_ignored(int signal)
{
	struct kernel_action action = { .handler = SIG_DFL };

	return syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof(action.mask)) == 0 && action.handler == SIG_IGN;
}

int change_mask(int how, uint64_t set, uint64_t *before)
{
	return (int)syscall(SYS_rt_sigprocmask, how, &set, before, sizeof(set));
}

uint64_t pending_signals(void)
{
	uint64_t set = 0;

	(void)syscall(SYS_rt_sigpending, &set, sizeof(set));
	return set;
}

const struct timespec no_wait = { 0, 0 };

int take_signal(uint64_t set, siginfo_t *info, const struct timespec *most)
{
	return (int)syscall(SYS_rt_sigtimedwait, &set, info, most, sizeof(set));
}

int open_signals(uint64_t set)
{
	return (int)syscall(SYS_signalfd4, -1, &set, sizeof(set), SIGNAL_DESCRIPTOR_FLAGS);
}

void pass_signal(pid_t process, const siginfo_t *info)
{
	/* What sigqueue(3) and timers sent keeps its value; the kernel lets nobody forge what it or kill(2) sends. */
	if (info->si_code < 0 && info->si_code != SI_TKILL &&
	    syscall(SYS_rt_sigqueueinfo, process, info->si_signo, info) == 0)
		return;
	(void)kill(process, info->si_signo);
}

void let_signal_act(int signal)
{
	uint64_t set = signal_bit(signal);

	(void)kill(getpid(), signal);
	(void)change_mask(SIG_UNBLOCK, set, NULL);
	(void)change_mask(SIG_BLOCK, set, NULL);
}
