/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_ESCAPE_H
#define TSENTER_ESCAPE_H

#include <stdbool.h>

/*
 * Writes to *AT a text that others wrote (names, paths, words), for a terminal or a log: what could act on it is escaped as
 * in src/sys/escape.ts. *AT moves behind it, to END at most; false where that left a character out.
 */
bool write_escaped(char **at, const char *end, const char *text);

#endif
