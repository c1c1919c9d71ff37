/* SPDX-License-Identifier: MIT */
#include "entry/entry.h"

#include <limits.h>

/* COUNT: so many of the words behind `--` are tsenter's own */
void step_skip(struct entry *entry, const char *operand)
{
	unsigned long count = whole_number(entry, operand, INT_MAX);

	for (char **word = entry->called_with; count > 0; count--)
		if (!*word++)
			fail_word(entry, operand);
	entry->operands = entry->called_with + whole_number(entry, operand, INT_MAX);
}
