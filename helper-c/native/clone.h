/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_CLONE_H
#define TSENTER_CLONE_H

#include <stdbool.h>

/*
 * Leaves the executable's file for a read-only clone of it. True where this process goes on as it is; where only an exec is possible it does
 * not return. STACK is what the kernel made it with.
 */
bool go_on_from_clone(char **stack, char **argv, char **environment);

#endif
