/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_NAME_H
#define TSENTER_NAME_H

#include <stdbool.h>

/* How messages call this process: by the last part of argv[0], unless that (it may be NULL) is nothing to show. */
const char *name_for_messages(const char *called_as);
/* Whether that is a name by which callers know nsenter's sentences. */
bool is_nsenter(const char *name);

#endif
