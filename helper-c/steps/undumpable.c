/* SPDX-License-Identifier: MIT */
/* Hidden from ptrace(2) and /proc of whoever is inside. */
#include "entry/entry.h"

#include <errno.h>
#include <sys/prctl.h>

void step_undumpable(struct entry *entry, const char *operand)
{
	(void)operand;
	entry->undumpable = true;
	hide_again(entry);
}
