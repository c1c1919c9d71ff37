/* SPDX-License-Identifier: MIT */
/* A file that may be read where the steps before this one have led to, for who waits for it. */
#define _GNU_SOURCE
#include "entry/entry.h"
#include "entry/open.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The status is the error's number: it is all that who waits is told. */
static _Noreturn void fail_with(const struct entry *entry, int error, const char *verb, const char *name)
{
	fail(entry, error, error, NULL, verb, name, NULL);
}

static _Noreturn void print(const struct entry *entry, int file, const char *name)
{
	for (;;) {
		char bytes[4096];
		ssize_t length = read(file, bytes, sizeof(bytes));

		if (length < 0)
			fail_with(entry, errno, "read", name);
		if (length == 0)
			_exit(0);
		for (ssize_t done = 0; done < length;) {
			ssize_t written = write(STDOUT_FILENO, bytes + done, (size_t)(length - done));

			if (written < 0)
				fail_with(entry, errno, "write", name);
			done += written;
		}
	}
}

/* FD:FILE. The last step: there is no program. */
void step_print(struct entry *entry, const char *operand)
{
	int directory;
	const char *name = take_labelled(entry, operand, &directory);
	int file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (file < 0)
		fail_with(entry, errno, "open", name);
	print(entry, file, name);
}

/*
 * FD:PATH; the same of what is the target's to choose. What it is gets known before anything is asked of it, for to open a device or a FIFO
 * may wait, or do something. What the kernel makes up when it is read (/proc, /sys) has no size; some of it is gone once it was read.
 */
void step_print_in_root(struct entry *entry, const char *operand)
{
	char link[sizeof("/proc/self/fd/") + 10] = "/proc/self/fd/", digits[11];
	struct stat status;
	int root, file;
	const char *path = take_labelled(entry, operand, &root);
	int found = open_in_root(root, path, O_PATH);

	if (found < 0)
		fail_with(entry, errno, "open", path);
	if (fstat(found, &status))
		fail_with(entry, errno, "stat", path);
	if (!S_ISREG(status.st_mode))
		fail_with(entry, S_ISDIR(status.st_mode) ? EISDIR : EINVAL, "read", path);
	if (status.st_size == 0)
		_exit(0);
	file = open(strcat(link, write_number(digits, (unsigned int)found)), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file < 0)
		fail_with(entry, errno, "open", path);
	print(entry, file, path);
}
