/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_OPEN_H
#define TSENTER_OPEN_H

#include <stdbool.h>
#include <sys/stat.h>

/* Whether a failed open says that there is no room, of which nothing else will do instead. */
bool is_scarcity(int error);

/*
 * Opens what is found at a path inside, where the target decides what that is; FLAGS are those of open(2). Links lead as
 * they do for everybody in there, but for the magic ones: ELOOP.
 */
int open_inside(const char *path, int flags);

/* Opens what is at a path below a directory that is its root, out of which no link leads; Linux 5.6. FLAGS as above. */
int open_in_root(int root, const char *path, int flags);

bool is_same_file(const struct stat *one, const struct stat *other);

#endif
