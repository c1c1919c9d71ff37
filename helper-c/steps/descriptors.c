/* SPDX-License-Identifier: MIT */
/* Descriptors that the program is not to have. */
#define _GNU_SOURCE
#include "entry/entry.h"

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

/* What getdents64(2) writes. */
struct entry_of_directory {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* Before Linux 5.11, where close_range(2) cannot mark them. */
static void keep_each_from(const struct entry *entry, unsigned int first)
{
	static const char path[] = "/proc/thread-self/fd";
	char bytes[4096] __attribute__((aligned(8)));
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long length;

	if (directory < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", path, NULL);
	while ((length = syscall(SYS_getdents64, directory, bytes, sizeof(bytes))) > 0)
		for (long at = 0; at < length;) {
			const struct entry_of_directory *file = (const void *)(bytes + at);
			const char *name = file->name;

			at += file->length;
			if (*name == '.')
				continue;
			unsigned long fd = take_number(entry, &name, INT_MAX);

			if (fd >= first && fcntl((int)fd, F_SETFD, FD_CLOEXEC))
				fail(entry, EXIT_OWN_FAILURE, errno, NULL, "keep", "descriptors from the program", NULL);
		}
	if (length < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", path, NULL);
	(void)close(directory);
}

/* Marked, not closed: some are this process's own. Before any namespace is entered: the child of the fork has the same marks. */
void step_close_above(struct entry *entry, const char *operand)
{
	unsigned int first = (unsigned int)whole_number(entry, operand, INT_MAX) + 1;

	if (syscall(SYS_close_range, first, UINT_MAX, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	if (errno != ENOSYS && errno != EINVAL && errno != EPERM)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "keep", "descriptors from the program", NULL);
	keep_each_from(entry, first);
}
