/* SPDX-License-Identifier: MIT */
/* The end: the program, found as execvp(3) finds it, or a login shell that exists inside. */
#define _GNU_SOURCE
#include "entry/entry.h"

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

static int exit_status(int error)
{
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

/* A line of passwd(5) as far as it is read. */
struct passwd_line {
	enum { NAME, PASSWORD, UID, GID, GECOS, HOME, SHELL } field;
	bool is_comment;
	size_t uid_digits;
	unsigned long uid;
	size_t length;
};

/* Takes the next character in; true at the end of the line of this user, whose shell is complete then. */
static bool take_passwd_character(struct passwd_line *line, char c, char *shell, size_t size)
{
	if (c == '\n') {
		bool found = line->field == SHELL && !line->is_comment && line->uid_digits > 0 &&
			     line->uid == getuid() && line->length > 0 && line->length < size;

		shell[found ? line->length : 0] = '\0';
		*line = (struct passwd_line){ .field = NAME };
		return found;
	}
	if (c == ':')
		line->field += line->field <= SHELL;
	else if (line->field == NAME)
		line->is_comment = line->is_comment || c == '#';
	else if (line->field == UID) {
		bool is_digit = c >= '0' && c <= '9' && line->uid <= UINT_MAX;

		line->uid = is_digit ? line->uid * 10 + (unsigned long)(c - '0') : ULONG_MAX;
		line->uid_digits++;
	} else if (line->field == SHELL && line->length < size)
		shell[line->length++] = c;
	return false;
}

/* The file is the target's: only a regular one is read, without waiting, and not for ever. */
enum { MAX_PASSWD = 4 << 20 };

static bool passwd_shell(char *shell, size_t size)
{
	struct passwd_line line = { .field = NAME };
	char buffer[4096];
	bool found = false;
	size_t left = MAX_PASSWD;
	ssize_t count = 0;
	struct stat file;
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return false;
	if (fstat(fd, &file) == 0 && S_ISREG(file.st_mode))
		for (; !found && left > 0 && (count = read(fd, buffer, sizeof(buffer))) > 0; left -= left < sizeof(buffer) ? left : sizeof(buffer))
			for (ssize_t i = 0; i < count && !found; i++)
				found = take_passwd_character(&line, buffer[i], shell, size);
	(void)close(fd);
	/* The last line may end with the file. */
	return found || take_passwd_character(&line, '\n', shell, size);
}

/* As a login shell: argv[0] is "-" and the name (login(1)). */
static void try_shell(const struct entry *entry, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char argument[NAME_MAX + 2] = "-";
	char *arguments[] = { argument, NULL };

	if (strlen(name) > NAME_MAX)
		return;
	strcpy(argument + 1, name);
	execve(path, arguments, entry->environment);
}

static _Noreturn void execute_shell(const struct entry *entry)
{
	char from_passwd[PATH_MAX];
	const char *first = NULL;
	int first_error = ENOENT;

	for (size_t i = 0; i < entry->shell_count; i++) {
		const char *path = entry->shells[i];

		if (!*path) {
			if (!passwd_shell(from_passwd, sizeof(from_passwd)))
				continue;
			path = from_passwd;
		}
		errno = ENOENT;
		try_shell(entry, path);
		if (!first) {
			first = path;
			first_error = errno;
		}
	}
	fail(entry, exit_status(first_error), first_error,
	     "No shell was found inside: name a program that exists there.", "execute", first ? first : "a shell", NULL);
}

void execute_program(struct entry *entry)
{
	const char *name = entry->operands[0];
	int error;

	if (!name)
		execute_shell(entry);
	if (strchr(name, '/')) {
		try_program(entry, entry->operands[0]);
		error = errno;
	} else {
		error = search_path(entry);
	}
	fail(entry, exit_status(error), error, NULL, "execute", name, NULL);
}
