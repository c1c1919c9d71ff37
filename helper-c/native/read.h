/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_READ_H
#define TSENTER_READ_H

#include "quickjs.h"

#include <stddef.h>

/*
 * The content of a file, or only the lines that have PART in them (NULL: all), up to its end; to be given to js_free. NULL with errno: EFBIG
 * where it is longer than MOST, ETIMEDOUT where the end has not come by the deadline (entry/clock.h; 0: there is none).
 */
char *read_to_end(JSContext *context, int fd, size_t most, const char *part, long deadline, size_t *length);

#endif
