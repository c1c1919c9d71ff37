/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_INSIDE_H
#define TSENTER_INSIDE_H

#include <sys/types.h>

/*
 * A child that writes a file to a pipe, whose other end is *OUTPUT: having entered a user namespace, one below a directory; or without
 * one (-1), a path below a root that is the target's. -1 with errno where there is none.
 */
pid_t print_apart(int user_namespace, int directory, const char *file, int *output);

/* Ends that child where it has not ended. Its status, 0 where it has written the whole file; -1: it had to be ended. */
int how_printed(pid_t child, int output);

#endif
