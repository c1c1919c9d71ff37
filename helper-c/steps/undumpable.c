/* SPDX-License-Identifier: MIT */
/* Hidden from ptrace(2) and /proc of whoever is inside. */
#include "steps/steps.h"

#include <errno.h>
#include <sys/prctl.h>

void step_undumpable(struct entry *entry, const char *operand)
{
	(void)operand;
	entry->undumpable = true;
	hide_again(entry);
}

void hide_again(const struct entry *entry)
{
	if (entry->undumpable && prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "hide", "this process", NULL);
}
