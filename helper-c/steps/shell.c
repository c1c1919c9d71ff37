/* SPDX-License-Identifier: MIT */
/* The end where no program is named: a login shell that exists inside. */
#define _GNU_SOURCE
#include "entry/open.h"
#include "steps/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void step_shell(struct entry *entry, const char *operand)
{
	if (entry->shell_count == MAX_SHELLS)
		fail_word(entry, operand);
	entry->shells[entry->shell_count++] = operand;
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
static bool passwd_shell(const struct entry *entry, char *shell, size_t size)
{
	struct passwd_line line = { .field = NAME };
	char buffer[4096];
	bool found = false;
	size_t left = MAX_PASSWD;
	ssize_t count = 0;
	struct stat file;
	int fd = open_inside("/etc/passwd", O_RDONLY | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && is_scarcity(errno))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", "/etc/passwd", NULL);
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

/* The accounts that have these have no shell. */
static bool refuses(const char *name)
{
	return strcmp(name, "nologin") == 0 || strcmp(name, "false") == 0;
}

/*
 * What script(1), screen(1) and editors start as a shell is to be one that is there. The slot of SHELL in the environment, which gets one if
 * it has none.
 */
static char **shell_slot(struct entry *entry)
{
	static const char variable[] = "SHELL=";
	size_t count = 0;
	char **larger;

	for (char **slot = entry->environment; *slot; slot++, count++)
		if (strncmp(*slot, variable, sizeof(variable) - 1) == 0)
			return slot;
	larger = mmap(NULL, (count + 2) * sizeof(*larger), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (larger == MAP_FAILED)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "allocate", "memory", NULL);
	memcpy(larger, entry->environment, count * sizeof(*larger));
	entry->environment = larger;
	return larger + count;
}

/* As a login shell: argv[0] is "-" and the name (login(1)). */
static void try_shell(struct entry *entry, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char argument[NAME_MAX + 2] = "-", variable[sizeof("SHELL=") + PATH_MAX] = "SHELL=";
	char *arguments[] = { argument, NULL };

	errno = ENOENT;
	if (strlen(name) > NAME_MAX || strlen(path) >= PATH_MAX || refuses(name))
		return;
	strcpy(argument + 1, name);
	strcat(variable, path);
	*shell_slot(entry) = variable;
	tell_exec(entry);
	execve(path, arguments, entry->environment);
}

/* Of those that could not be executed the first, unless another is there. */
struct failed_shell {
	const char *path;
	int error;
	bool is_there;
};

static void remember_failure(struct failed_shell *failed, const char *path, int error)
{
	struct stat file;
	const char *slash = strrchr(path, '/');
	bool is_there = !refuses(slash ? slash + 1 : path) && lstat(path, &file) == 0;

	if (!failed->path || (is_there && !failed->is_there))
		*failed = (struct failed_shell){ path, error, is_there };
}

void execute_shell(struct entry *entry)
{
	struct failed_shell failed = { .error = ENOENT };
	char from_passwd[PATH_MAX], hint[1024];

	for (size_t i = 0; i < entry->shell_count; i++) {
		const char *path = entry->shells[i];

		if (!*path) {
			if (!passwd_shell(entry, from_passwd, sizeof(from_passwd)))
				continue;
			path = from_passwd;
		}
		try_shell(entry, path);
		remember_failure(&failed, path, errno);
	}
	fail(entry, exit_status(failed.error), failed.error,
	     failed.is_there ? why_file_not_executed(entry, failed.path, failed.error, hint, sizeof(hint)) :
			       "No shell was found inside: name a program that is there; " STATIC_SHELL,
	     "execute", failed.path ? failed.path : "a shell", NULL);
}
