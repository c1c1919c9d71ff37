/* SPDX-License-Identifier: MIT */
/* With a terminal of its own, the program is to reach no other: into the caller's it could type (ioctl_tty(2), TIOCSTI). */
#define _GNU_SOURCE
#include "entry/own-descriptors.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/close_range.h, which is of Linux 5.9 as the call; the flag is of 5.11. */
enum { CLOSE_RANGE_CLOEXEC_FLAG = 4 };

/* Where they cannot be listed, that many are asked. */
enum { MOST_ASKED = 1 << 16 };

/* What is open as a path only cannot be asked, but be opened inside, if it is a device. */
static bool may_be_terminal(int fd)
{
	struct stat file;
	int flags;

	if (isatty(fd))
		return true;
	flags = fcntl(fd, F_GETFL);
	return flags >= 0 && flags & O_PATH && fstat(fd, &file) == 0 && S_ISCHR(file.st_mode);
}

static void keep_if_terminal(const struct entry *entry, int fd)
{
	int flags = fd > STDERR_FILENO ? fcntl(fd, F_GETFD) : -1;

	if (flags < 0 || flags & FD_CLOEXEC || !may_be_terminal(fd))
		return;
	if (fcntl(fd, F_SETFD, FD_CLOEXEC))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "close", "inherited terminal", NULL);
}

/* No limit tells how high the numbers go: one that was lowered leaves those above it open. */
static void ask_all(const struct entry *entry)
{
	for (int fd = STDERR_FILENO + 1; fd < MOST_ASKED; fd++)
		keep_if_terminal(entry, fd);
	/* Nobody has that many and no /proc; so the few that are no terminals go as well. */
	if (syscall(SYS_close_range, (unsigned int)MOST_ASKED, ~0U, CLOSE_RANGE_CLOEXEC_FLAG) == 0)
		return;
	/* Before Linux 5.11 */
	for (int fd = MOST_ASKED; fd < 1 << 20; fd++)
		keep_if_terminal(entry, fd);
}

void step_keep_terminals(struct entry *entry, const char *operand)
{
	(void)operand;
	if (!ask_own_descriptors(entry, STDERR_FILENO + 1, keep_if_terminal))
		ask_all(entry);
}
