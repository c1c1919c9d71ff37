/* SPDX-License-Identifier: MIT */
/* Descriptors that the program is not to have. */
#define _GNU_SOURCE
#include "entry/own-descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stdint.h>
#include <sys/syscall.h>
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

static void keep_from_program(const struct entry *entry, int fd)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "keep", "descriptors from the program", NULL);
}

/* Marked, not closed: some are this process's own. Before any namespace is entered: the child of the fork has the same marks. */
void step_close_above(struct entry *entry, const char *operand)
{
	int first = (int)whole_number(entry, operand, INT_MAX - 1) + 1, error;

	if (syscall(SYS_close_range, (unsigned int)first, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	error = errno;
	/* Before Linux 5.11, or with a filter that does not know it. */
	if ((error != ENOSYS && error != EINVAL && error != EPERM) || !ask_own_descriptors(entry, first, keep_from_program))
		fail(entry, EXIT_OWN_FAILURE, error, NULL, "keep", "descriptors from the program", NULL);
}
