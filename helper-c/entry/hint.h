/* SPDX-License-Identifier: MIT */
/* What a hint is made of: what is true at this moment, and words. */
#ifndef TSENTER_HINT_H
#define TSENTER_HINT_H

#include <stdbool.h>
#include <stddef.h>

/* Writes the parts up to the NULL one after the other, escaped, and as much of them as there is room for. Gives TEXT. */
const char *compose(char *text, size_t size, ...) __attribute__((sentinel));

/* Whether it is effective, in the user namespace that this process is in (capget(2)). */
bool has_capability(unsigned int capability);

/* LACKS where a call failed with EPERM for want of it, and otherwise what that EPERM means; NULL for other errors. */
const char *why_not_permitted(int error, unsigned int capability, const char *lacks);

/* Why the kernel says EPERM to who has all capabilities that it asks for. */
extern const char denied_by_filter[];

#endif
