/* SPDX-License-Identifier: MIT */
/* What the host's runtime changed at its start is given back as the caller had it. */
#define _GNU_SOURCE
#include "entry/entry.h"
#include "entry/signals.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void step_signals(struct entry *entry, const char *operand)
{
	uint64_t ignored = take_set(entry, &operand), blocked;

	if (*operand++ != ':')
		fail_word(entry, operand);
	blocked = take_set(entry, &operand);
	for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
		if (signal == SIGKILL || signal == SIGSTOP)
			continue;
		if (set_disposition(signal, ignored >> (signal - 1) & 1 ? SIG_IGN : SIG_DFL))
			fail(entry, EXIT_OWN_FAILURE, errno, NULL, "reset", "signals", NULL);
	}
	if (change_mask(SIG_SETMASK, blocked, NULL))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "block", "signals", NULL);
}

void step_open_files(struct entry *entry, const char *operand)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", "limit of open files", NULL);
	limit.rlim_cur = whole_number(entry, operand, ULONG_MAX);
	if (setrlimit(RLIMIT_NOFILE, &limit))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "set", "limit of open files", NULL);
}
