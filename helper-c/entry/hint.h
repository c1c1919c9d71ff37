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

/* What an EPERM means for which NAME may be missing, of which LACKS tells; NULL for other errors. */
const char *why_not_permitted(int error, unsigned int capability, const char *name, const char *lacks);

/* The three that follow give what the next one of them overwrites. */

/* Why the kernel says no to who has all capabilities that it asks for. */
const char *denied_to_capable(void);

/* The security module that confines this process denies it, and WHAT else there is to say; NULL: none is known to. */
const char *denied_by_module(const char *what);

/* AppArmor hides from a process the capabilities that its profile has not, which are there all the same; NULL: it is not that. */
const char *taken_by_module(unsigned int capability, const char *name);

#endif
