/* SPDX-License-Identifier: MIT */
/* Why execve(2) failed, as far as it can be seen from inside: the kernel's error does not tell of which file it speaks. */
#define _GNU_SOURCE
#include "entry/hint.h"
#include "steps/steps.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MAX_INTERPRETER = 256, MAX_SEGMENTS = 64 };

/* `#! INTERPRETER [ARGUMENT]` */
static bool read_script(const char *head, char *interpreter)
{
	const char *start = head + 2 + strspn(head + 2, " \t");
	size_t length = strcspn(start, " \t\n");

	memcpy(interpreter, start, length);
	interpreter[length] = '\0';
	return length > 0;
}

/* Of a program for this kind of machine; another one's is no program here. */
static bool read_loader(int fd, char *loader)
{
	Elf64_Ehdr file;
	Elf64_Phdr segment;

	if (pread(fd, &file, sizeof(file), 0) != sizeof(file) || file.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	for (unsigned int i = 0; i < file.e_phnum && i < MAX_SEGMENTS; i++) {
		off_t at = (off_t)(file.e_phoff + i * sizeof(segment));

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			return false;
		if (segment.p_type == PT_INTERP && segment.p_filesz > 0 && segment.p_filesz <= MAX_INTERPRETER)
			return pread(fd, loader, (size_t)segment.p_filesz, (off_t)segment.p_offset) == (ssize_t)segment.p_filesz &&
			       !loader[segment.p_filesz - 1];
	}
	return false;
}

/* What else the kernel executes with a file, and what that is called; NULL: nothing. */
static const char *find_interpreter(const char *path, char interpreter[MAX_INTERPRETER + 1])
{
	char head[MAX_INTERPRETER] = "";
	const char *kind = NULL;
	int fd = open_regular(path);

	interpreter[MAX_INTERPRETER] = '\0';
	if (fd < 0)
		return NULL;
	if (pread(fd, head, sizeof(head) - 1, 0) > 0) {
		if (memcmp(head, "#!", 2) == 0)
			kind = read_script(head, interpreter) ? "interpreter" : NULL;
		else if (memcmp(head, ELFMAG, SELFMAG) == 0)
			kind = read_loader(fd, interpreter) ? "loader" : NULL;
		else
			/* execvp(3) gives it to the shell. */
			kind = strcpy(interpreter, "/bin/sh") ? "interpreter" : NULL;
	}
	(void)close(fd);
	return kind;
}

/* What the rules for it are called, so that they can be looked for: there is more than one. */
static const char *not_in_context(const char *context, char *text, size_t size)
{
	const char *denied = denied_by_module(compose(text, size, ", or that it goes on as ", context,
						      " by this file (transition, entrypoint, where it is mounted nosuid nosuid_transition).",
						      NULL));

	return denied ? denied : denied_to_capable();
}

static const char *not_permitted(const struct entry *entry, const char *path, char *text, size_t size)
{
	char interpreter[MAX_INTERPRETER + 1] = "", id[24];
	const char *kind;
	struct stat file;
	struct statvfs filesystem;

	if (stat(path, &file))
		return NULL;
	if (S_ISDIR(file.st_mode))
		return "It is a directory.";
	if (!S_ISREG(file.st_mode))
		return "It is no regular file.";
	if (statvfs(path, &filesystem) == 0 && filesystem.f_flag & ST_NOEXEC)
		return "It is on a file system that is mounted noexec.";
	(void)snprintf(id, sizeof(id), "user id %u", (unsigned int)geteuid());
	if (access(path, X_OK))
		return compose(text, size, "Its mode does not let ", id, " execute it.", NULL);
	kind = find_interpreter(path, interpreter);
	if (kind && access(interpreter, X_OK))
		return compose(text, size, "Its ", kind, " ", interpreter, " cannot be executed.", NULL);
	return entry->exec_context ? not_in_context(entry->exec_context, text, size) : denied_to_capable();
}

/* Something has this path, and yet the kernel says that there is nothing. */
static const char *not_there(const char *path, char *text, size_t size)
{
	char interpreter[MAX_INTERPRETER + 1] = "";
	const char *kind = find_interpreter(path, interpreter);
	struct stat file;

	if (kind && access(interpreter, F_OK))
		return compose(text, size, path, " exists, but its ", kind, " ", interpreter, " does not.", NULL);
	if (lstat(path, &file) || !S_ISLNK(file.st_mode) || stat(path, &file) == 0)
		return NULL;
	if (errno == ELOOP)
		return compose(text, size, path, " is a link that leads in a circle.", NULL);
	return errno == ENOENT || errno == ENOTDIR ? compose(text, size, path, " is a link whose end does not exist.", NULL) : NULL;
}

const char *why_file_not_executed(const struct entry *entry, const char *path, int error, char *text, size_t size)
{
	if (error == ENOENT || error == ENOTDIR)
		return not_there(path, text, size);
	if (error == EPERM && entry->exec_context && prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1)
		return "no_new_privs is set, with which SELinux changes a context only where its policy says so (nnp_transition).";
	return error == EACCES ? not_permitted(entry, path, text, size) : NULL;
}

static bool can_be_executed(const char *path)
{
	char interpreter[MAX_INTERPRETER + 1] = "";
	struct stat file;

	if (stat(path, &file) || !S_ISREG(file.st_mode) || access(path, X_OK))
		return false;
	return !find_interpreter(path, interpreter) || access(interpreter, X_OK) == 0;
}

/* Not constant: as the options. The last is where images for debugging have it. */
static char usual_shells[][16] = { "/bin/sh", "/usr/bin/sh", "/busybox/sh" };

static const char *shell_not_found(const char *name, const char *directories, char *text, size_t size)
{
	bool is_path = strchr(name, '/');

	for (size_t i = 0; i < sizeof(usual_shells) / sizeof(*usual_shells); i++)
		if (can_be_executed(usual_shells[i]))
			return compose(text, size, is_path ? "" : "It is not in PATH=", is_path ? "" : directories, is_path ? "" : "; ",
				       usual_shells[i], " is there.", NULL);
	return compose(text, size, is_path ? "It is not there" : "There is none in PATH=", is_path ? "" : directories,
		       "; " STATIC_SHELL, NULL);
}

static const char *not_found(const struct entry *entry, const char *directories, char *text, size_t size)
{
	const char *name = entry->operands[0];
	bool is_callers = enters_files(entry) && !entry->environment_is_targets;

	if (!*name)
		return "Its name is empty: is a variable unset?";
	if (enters_files(entry) && is_shell(name))
		return shell_not_found(name, directories, text, size);
	if (strchr(name, '/'))
		return NULL;
	if (user_may_be_meant(entry))
		return compose(text, size, "It is not in PATH=", directories, "; as a user it is --setuid=", name, NULL);
	return compose(text, size, "It is not in PATH=", directories,
		       is_callers ? "; --env takes the target's." : "", NULL);
}

const char *why_not_executed(const struct entry *entry, const char *path, const char *directories, int error, char *text, size_t size)
{
	const char *meant = error == EACCES || error == ENOENT ? what_was_meant(entry, path, text, size) : NULL;

	if (meant)
		return meant;
	if (path)
		return why_file_not_executed(entry, path, error, text, size);
	return error == ENOENT || error == ENOTDIR ? not_found(entry, directories, text, size) : NULL;
}
