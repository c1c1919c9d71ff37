/* SPDX-License-Identifier: MIT */
/* The caller's controlling terminal, and its standard streams. */
#define _GNU_SOURCE
#include "entry/open.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

bool is_callers(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	return flags >= 0 && !(flags & FD_CLOEXEC);
}

int above_standard(const struct entry *entry, int fd)
{
	int higher;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (higher < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "duplicate", "descriptor", NULL);
	(void)close(fd);
	return higher;
}

bool is_foreground(int terminal)
{
	return terminal >= 0 && tcgetpgrp(terminal) == getpgrp();
}

/*
 * What is made to signal its group, as timeout(1), leads one, and takes it out of the foreground of a terminal. Inside, there is no
 * asking what it does (supervision/starter.c).
 */
static int open_starter(const struct entry *entry)
{
	pid_t starter = getppid();
	char digits[11], path[sizeof("/proc//status") + sizeof(digits)];

	if (starter != getpgrp() || is_foreground(entry->terminal))
		return -1;
	(void)stpcpy(stpcpy(stpcpy(path, "/proc/"), write_number(digits, (unsigned int)starter)), "/status");
	return open(path, O_RDONLY | O_CLOEXEC);
}

/*
 * Opened before a mount namespace is entered: inside, /dev/tty is whatever the target put there. Where the caller has
 * no such file, one of the standard streams may still be the controlling terminal.
 */
void step_terminal(struct entry *entry, const char *operand)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	(void)operand;
	if (fd < 0 && errno != ENXIO)
		for (int stream = 0; fd < 0 && stream <= STDERR_FILENO; stream++)
			if (is_callers(stream) && tcgetpgrp(stream) >= 0)
				fd = fcntl(stream, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0 && is_scarcity(errno))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", "controlling terminal", NULL);
	entry->terminal = above_standard(entry, fd);
	entry->starter = above_standard(entry, open_starter(entry));
}

bool may_use(int terminal)
{
	pid_t group = tcgetpgrp(terminal);

	/* A terminal that controls another session knows no groups of ours. */
	return group < 0 || group == getpgrp();
}
