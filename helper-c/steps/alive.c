/* SPDX-License-Identifier: MIT */
/* A target without a pidfd: what is left of one that has ended is not entered. */
#include "entry/entry.h"

#include <errno.h>

void step_alive(struct entry *entry, const char *operand)
{
	int stat_file;
	const char *label = take_labelled(entry, operand, &stat_file);

	if (stat_tells_end(stat_file))
		fail(entry, EXIT_OWN_FAILURE, ESRCH, NULL, "enter", label, NULL);
}
