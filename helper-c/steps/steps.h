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

/* The same for a process whose command line they are: NAME [""] STEP... -- [WORD...]. `release` is the entry's. */
_Noreturn void execute_command_line(int argc, char **argv, char **environment, void (*release)(void));

/* Is called by the last part of a path (proc_pid_comm(5)). */
void take_name(const char *path);

/* The end of the steps: the program that is named, or a login shell. */
_Noreturn void execute_program(struct entry *entry);
_Noreturn void execute_shell(struct entry *entry);

/* What to do where there is no shell. */
#define STATIC_SHELL "a static one of the host's can be brought: -w/bin ./busybox sh"

/* Hints; each gives NULL where it knows nothing. They are computed where something has failed, from what is so at that moment. */

/* EPERM of setns(2). PROC is what /proc calls the kind of namespace. */
const char *why_not_joined(const struct entry *entry, const char *proc, int flag, int fd, char *text, size_t size);
/* A file that is there, if only as a link. */
const char *why_file_not_executed(const struct entry *entry, const char *path, int error, char *text, size_t size);
/*
 * The program is none: what the word was meant for. PATH is the file that it leads to; NULL: there is none. The second where what is entered
 * cannot be, so that nobody has looked for the program yet.
 */
const char *what_was_meant(const struct entry *entry, const char *path, char *text, size_t size);
const char *user_was_meant(const struct entry *entry, char *text, size_t size);
bool user_may_be_meant(const struct entry *entry);
/* PATH is the file that was to be executed; NULL: none was found, in none of DIRECTORIES. */
const char *why_not_executed(const struct entry *entry, const char *path, const char *directories, int error, char *text, size_t size);

/* What hints are computed with. */

/* What is found at a path is the target's to say. */
bool enters_files(const struct entry *entry);
/* By its name, or a path that ends so. */
bool is_shell(const char *name);
/* The file is the target's: only a regular one is read, without waiting. */
int open_regular(const char *path);
/* More of it is not read. */
enum { MAX_PASSWD = 4 << 20 };

#endif
