/* SPDX-License-Identifier: MIT */
/* UID|@: an id that is given, or that of who owns a process. */
#define _GNU_SOURCE
#include "entry/entry.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Ids as user namespaces count them: 2^32-1 is "leave it" (setresuid(2)). */
static const unsigned long MAX_ID = 0xfffffffe;

bool stat_tells_end(int stat_file)
{
	char text[512]; /* enough for the state */
	ssize_t length = pread(stat_file, text, sizeof(text) - 1, 0);
	const char *name_end;

	/* ESRCH once it has been waited for. */
	if (length <= 0)
		return true;
	text[length] = '\0';
	/* The name, in parentheses, may hold any character (proc_pid_stat(5)). */
	name_end = strrchr(text, ')');
	return !name_end || name_end[1] != ' ' || !name_end[2] || strchr("ZXx", name_end[2]);
}

/* PIDFD or /STAT */
static bool has_process_ended(const struct entry *entry, const char *operand)
{
	struct pollfd process = { .events = POLLIN };

	if (*operand == '/')
		return stat_tells_end(whole_fd(entry, operand + 1));
	process.fd = whole_fd(entry, operand);
	if (poll(&process, 1, 0) < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", "owner of the target", NULL);
	return process.revents != 0;
}

/*
 * FD:PIDFD or FD:/STAT. The owner is asked for here, inside: the kernel tells ids as the asker's user namespace maps
 * them. The /proc directory of a process that has ended belongs to root, so it counts only while the process lives. It leads to other
 * processes as well, which nobody inside is to have.
 */
void step_ids_of(struct entry *entry, const char *operand)
{
	int fd = take_fd(entry, &operand);
	struct stat owner;

	if (*operand++ != ':')
		fail_word(entry, operand);
	if (fstat(fd, &owner))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", "owner of the target", NULL);
	if (has_process_ended(entry, operand))
		fail(entry, EXIT_OWN_FAILURE, ESRCH, NULL, "read", "owner of the target", NULL);
	(void)close(fd);
	entry->remembers_ids = true;
	entry->remembered_uid = owner.st_uid;
	entry->remembered_gid = owner.st_gid;
}

static bool is_remembered(const struct entry *entry, const char *operand)
{
	if (*operand != '@')
		return false;
	if (operand[1] || !entry->remembers_ids)
		fail_word(entry, operand);
	return true;
}

uid_t take_uid(const struct entry *entry, const char *operand)
{
	return is_remembered(entry, operand) ? entry->remembered_uid : (uid_t)whole_number(entry, operand, MAX_ID);
}

gid_t take_gid(const struct entry *entry, const char *operand)
{
	return is_remembered(entry, operand) ? entry->remembered_gid : (gid_t)whole_number(entry, operand, MAX_ID);
}
