/* SPDX-License-Identifier: MIT */
/* How messages begin, where they go, whose namespaces they speak of, and with which status they end. */
#include "entry/entry.h"

#include <fcntl.h>

void step_prefix(struct entry *entry, const char *operand)
{
	entry->prefix = operand;
}

void step_failure_status(struct entry *entry, const char *operand)
{
	entry->failure_status = (int)whole_number(entry, operand, 255);
}

void step_called(struct entry *entry, const char *operand)
{
	/* A word of this process's own argv, and no constant. */
	entry->argv0 = entry->next[-1] + (operand - entry->next[-1]);
}

void step_status(struct entry *entry, const char *operand)
{
	entry->status_fd = whole_fd(entry, operand);
	if (fcntl(entry->status_fd, F_SETFD, FD_CLOEXEC))
		fail_word(entry, operand);
}

void step_from(struct entry *entry, const char *operand)
{
	entry->from = operand;
}
