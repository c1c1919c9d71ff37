/* SPDX-License-Identifier: MIT */
/*
 * Who started tsenter and leads its process group may send a signal to tsenter and then to the group, as timeout(1) does:
 * the program has got it with the group, and would get it once more for each that is handed on.
 *
 * A siginfo_t says who sent a signal, not to whom. But whoever signals a group that it is in gets the signal as well, and
 * is still there only because it ignores it; and what is to end is continued afterwards, in case it was stopped. Both
 * together are no accident. Time alone tells nothing: two signals may be two, and the kernel makes one of what is pending.
 */
#define _GNU_SOURCE
#include "supervision/supervision.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ignored_signals[] = "\nSigIgn:\t", handled_signals[] = "\nSigCgt:\t";

static uint64_t read_set(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	return line ? strtoull(line + strlen(name), NULL, 16) : 0;
}

/* From the file that was opened before anything was entered: proc_pid_status(5). */
static bool has_starter(const struct parent *parent, const char *name, int signal)
{
	char status[4096];
	ssize_t length = pread(parent->entry->starter, status, sizeof(status) - 1, 0);

	if (length <= 0)
		return false;
	status[length] = '\0';
	return read_set(status, name) & signal_bit(signal);
}

bool came_with_group(const struct parent *parent, const siginfo_t *info, siginfo_t *continued)
{
	static const struct timespec patience = { .tv_nsec = 20000000 };
	int signal = info->si_signo;
	pid_t starter = getppid();
	siginfo_t again;

	if (parent->entry->starter < 0 || info->si_code != SI_USER || info->si_pid != starter || starter != getpgrp())
		return false;
	/* It may be about to ignore it. One that it would die of, it has sent to this process alone. */
	if (!has_starter(parent, ignored_signals, signal) && !has_starter(parent, handled_signals, signal))
		return false;
	if (take_signal(signal_bit(SIGCONT), continued, &patience) <= 0 || continued->si_pid != starter ||
	    !has_starter(parent, ignored_signals, signal))
		return false;
	/*
	 * The group's own is there by now, unless the kernel has made one of both. A member in another PID namespace that got it first
	 * leaves no number of the sender to the others.
	 */
	if (take_signal(signal_bit(signal), &again, &no_wait) > 0 && again.si_pid != starter && again.si_pid != 0)
		pass_signal(parent->child, &again);
	return true;
}
