/* SPDX-License-Identifier: MIT */
/* The end: the program, found as execvp(3) finds it. */
#define _GNU_SOURCE
#include "steps/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
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
	char *word = entry->operands[0];

	if (entry->argv0)
		entry->operands[0] = entry->argv0;
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
	entry->operands[0] = word;
}

static const char *search_directories(const struct entry *entry)
{
	const char *directories = variable(entry->environment, "PATH");

	return directories ? directories : default_path;
}

/*
 * The path of a name in the first of these directories, which *NEXT moves behind; false where that is none. Relative and empty entries of
 * PATH are passed over: the working directory is the target's, and a program of its choice is not to be taken for the
 * one that was named.
 */
static bool next_candidate(const char **next, const char *name, char path[PATH_MAX])
{
	const char *directory = *next;
	size_t length = strcspn(directory, ":"), name_length = strlen(name);

	*next = directory[length] ? directory + length + 1 : NULL;
	if (*directory != '/' || length + 1 + name_length >= PATH_MAX)
		return false;
	memcpy(path, directory, length);
	path[length] = '/';
	memcpy(path + length + 1, name, name_length + 1);
	return true;
}

static int search_path(struct entry *entry)
{
	const char *name = entry->operands[0], *next = search_directories(entry);
	size_t name_length = strlen(name);
	int error = ENOENT;
	char path[PATH_MAX];

	if (name_length == 0)
		return ENOENT;
	if (name_length > NAME_MAX)
		return ENAMETOOLONG;
	while (next) {
		if (!next_candidate(&next, name, path))
			continue;
		try_program(entry, path);
		if (!is_elsewhere(errno))
			return errno;
		if (errno == EACCES)
			error = EACCES;
	}
	return error;
}

/* FLAGS: whether a link counts although its end may not be there (AT_SYMLINK_NOFOLLOW). */
static bool exists(const char *path, int flags)
{
	struct stat file;

	return fstatat(AT_FDCWD, path, &file, flags) == 0;
}

static const char *find_file_or(const struct entry *entry, int flags, char path[PATH_MAX])
{
	const char *name = entry->operands[0], *next = search_directories(entry);

	if (strchr(name, '/'))
		return exists(name, flags) ? name : NULL;
	while (*name && strlen(name) <= NAME_MAX && next)
		if (next_candidate(&next, name, path) && exists(path, flags))
			return path;
	return NULL;
}

/* Which file it was that could not be executed; NULL: there is none. */
static const char *find_file(const struct entry *entry, char path[PATH_MAX])
{
	const char *file = find_file_or(entry, 0, path);

	return file ? file : find_file_or(entry, AT_SYMLINK_NOFOLLOW, path);
}

void execute_program(struct entry *entry)
{
	const char *name = entry->operands[0];
	char path[PATH_MAX], hint[1024];
	int error;

	tell_exec(entry);
	if (strchr(name, '/')) {
		try_program(entry, entry->operands[0]);
		error = errno;
	} else {
		error = search_path(entry);
	}
	fail(entry, exit_status(error), error,
	     why_not_executed(entry, find_file(entry, path), search_directories(entry), error, hint, sizeof(hint)), "execute", name,
	     NULL);
}

void step_targets_environment(struct entry *entry, const char *operand)
{
	(void)operand;
	entry->environment_is_targets = true;
}
