/* SPDX-License-Identifier: MIT */
/* A file that may be read where the steps before this one have led to, for who waits for it. */
#define _GNU_SOURCE
#include "entry/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* FD:FILE. The last step: there is no program. */
void step_print(struct entry *entry, const char *operand)
{
	int directory;
	const char *name = take_labelled(entry, operand, &directory);
	int file = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (file < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", name, NULL);
	for (;;) {
		char bytes[4096];
		ssize_t length = read(file, bytes, sizeof(bytes));

		if (length < 0)
			fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", name, NULL);
		if (length == 0)
			_exit(0);
		for (ssize_t done = 0; done < length;) {
			ssize_t written = write(STDOUT_FILENO, bytes + done, (size_t)(length - done));

			if (written < 0)
				fail(entry, EXIT_OWN_FAILURE, errno, NULL, "write", name, NULL);
			done += written;
		}
	}
}
