/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_OPEN_H
#define TSENTER_OPEN_H

#include <stdbool.h>

/* Whether a failed open says that there is no room, of which nothing else will do instead. */
bool is_scarcity(int error);

#endif
