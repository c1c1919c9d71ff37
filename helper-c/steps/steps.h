/* SPDX-License-Identifier: MIT */
/* An entry from its first step to the program. */
#ifndef TSENTER_STEPS_H
#define TSENTER_STEPS_H

#include "entry/entry.h"

/*
 * Executes the words of the entry, then the program. Returns never: the process is the program's, the waiting parent's, or ends with
 * a message.
 */
_Noreturn void execute_steps(struct entry *entry);

/* The same for a process whose command line they are: NAME [""] STEP... -- [WORD...]. */
_Noreturn void execute_command_line(int argc, char **argv, char **environment);

/* Is called by the last part of a path (proc_pid_comm(5)). */
void take_name(const char *path);

/* The end of the steps: the program that is named, or a login shell. */
_Noreturn void execute_program(struct entry *entry);
_Noreturn void execute_shell(const struct entry *entry);

#endif
