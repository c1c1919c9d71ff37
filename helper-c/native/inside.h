/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_INSIDE_H
#define TSENTER_INSIDE_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * A child that enters a user namespace and writes a file below a directory to a pipe, whose other end is *OUTPUT. -1 with errno where
 * there is none.
 */
pid_t print_inside(int user_namespace, int directory, const char *file, int *output);

/* Ends that child where it has not ended; whether it has written the whole file. */
bool has_printed(pid_t child, int output);

#endif
