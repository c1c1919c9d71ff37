/* SPDX-License-Identifier: MIT */
/* UID|@FD:PIDFD: an id that is given, or that of who owns a process. */
#include "entry/entry.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>

/* Ids as user namespaces count them: 2^32-1 is "leave it" (setresuid(2)). */
static const unsigned long MAX_ID = 0xfffffffe;

/*
 * FD:PIDFD. The owner is asked for here, inside: the kernel tells ids as the asker's user namespace maps them. The /proc
 * directory of a process that has ended belongs to root, so it counts only while the process lives.
 */
static struct stat owner_of(const struct entry *entry, const char *operand)
{
	int fd = take_fd(entry, &operand);
	struct pollfd process = { .events = POLLIN };
	struct stat owner;

	if (*operand++ != ':')
		fail_word(entry, operand);
	process.fd = whole_fd(entry, operand);
	if (fstat(fd, &owner) || poll(&process, 1, 0) < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", "owner of the target", NULL);
	if (process.revents)
		fail(entry, EXIT_OWN_FAILURE, ESRCH, NULL, "read", "owner of the target", NULL);
	return owner;
}

uid_t take_uid(const struct entry *entry, const char *operand)
{
	return *operand == '@' ? owner_of(entry, operand + 1).st_uid : (uid_t)whole_number(entry, operand, MAX_ID);
}

gid_t take_gid(const struct entry *entry, const char *operand)
{
	return *operand == '@' ? owner_of(entry, operand + 1).st_gid : (gid_t)whole_number(entry, operand, MAX_ID);
}
