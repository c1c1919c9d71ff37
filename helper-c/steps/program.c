/* SPDX-License-Identifier: MIT */
/* The end: the program, found as execvp(3) finds it. */
#define _GNU_SOURCE
#include "steps/steps.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static const char default_path[] = "/bin:/usr/bin"; /* glibc's: confstr(3), _CS_PATH */

static const char *variable(char **environment, const char *name)
{
	size_t length = strlen(name);

	for (; *environment; environment++)
		if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
			return *environment + length + 1;
	return NULL;
}

/* Whether the next candidate may still succeed (execvp(3) goes on after these). */
static bool is_elsewhere(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ENAMETOOLONG || error == ELOOP ||
	       error == ESTALE || error == ENODEV || error == ETIMEDOUT;
}

/* Returns only where it failed, with errno. */
static void try_program(struct entry *entry, char *path)
{
	execve(path, entry->operands, entry->environment);
	if (errno == ENOEXEC) {
		/* A script without #! is the shell's: execvp(3). */
		static char shell[] = "/bin/sh";
		char **arguments = entry->operands - 1;
		char *name = arguments[1];

		arguments[0] = shell;
		arguments[1] = path;
		execve(shell, arguments, entry->environment);
		arguments[1] = name;
	}
}

/*
 * Relative and empty entries of PATH are passed over: the working directory is the target's, and a program of its
 * choice is not to be taken for the one that was named.
 */
static int search_path(struct entry *entry)
{
	const char *name = entry->operands[0];
	const char *directory = variable(entry->environment, "PATH");
	size_t name_length = strlen(name);
	int error = ENOENT;

	if (!directory)
		directory = default_path;
	if (name_length == 0)
		return ENOENT;
	if (name_length > NAME_MAX)
		return ENAMETOOLONG;
	for (size_t length; length = strcspn(directory, ":"), true; directory += length + 1) {
		char path[PATH_MAX];

		if (*directory == '/' && length + 1 + name_length < sizeof(path)) {
			memcpy(path, directory, length);
			path[length] = '/';
			memcpy(path + length + 1, name, name_length + 1);
			try_program(entry, path);
			if (!is_elsewhere(errno))
				return errno;
			if (errno == EACCES)
				error = EACCES;
		}
		if (!directory[length])
			return error;
	}
}

void execute_program(struct entry *entry)
{
	const char *name = entry->operands[0];
	int error;

	if (strchr(name, '/')) {
		try_program(entry, entry->operands[0]);
		error = errno;
	} else {
		error = search_path(entry);
	}
	fail(entry, exit_status(error), error, NULL, "execute", name, NULL);
}
