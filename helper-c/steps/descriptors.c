/* SPDX-License-Identifier: MIT */
/* Descriptors that the program is not to have. */
#include "entry/entry.h"

#include <fcntl.h>
#include <unistd.h>

void step_close_on_exec(struct entry *entry, const char *operand)
{
	while (*operand) {
		int fd = take_fd(entry, &operand);

		if (fcntl(fd, F_SETFD, FD_CLOEXEC))
			fail_word(entry, operand);
		if (*operand && *operand++ != ',')
			fail_word(entry, operand);
	}
}

void step_close(struct entry *entry, const char *operand)
{
	/* Linux releases the descriptor whatever close(2) says of the file. */
	(void)close(whole_fd(entry, operand));
}
