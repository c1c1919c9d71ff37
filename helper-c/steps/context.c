/* SPDX-License-Identifier: MIT */
/* As what a security module is to know the program. */
#define _GNU_SOURCE
#include "entry/entry.h"
#include "entry/hint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* What is written there counts for the next exec of this task; a process that the target bind-mounted is no procfs. */
static int open_attribute(const struct entry *entry, const char *path, const char *older)
{
	struct statfs filesystem;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && errno == ENOENT && older)
		return open_attribute(entry, older, NULL);
	if (fd < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", path, NULL);
	if (fstatfs(fd, &filesystem))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "stat", path, NULL);
	if (filesystem.f_type != PROC_SUPER_MAGIC)
		fail(entry, EXIT_OWN_FAILURE, EPERM, "It is not on a proc file system.", "write", path, NULL);
	return fd;
}

void step_exec_context(struct entry *entry, const char *operand)
{
	int fd = open_attribute(entry, "/proc/thread-self/attr/exec", NULL);
	size_t length = strlen(operand);

	if (write(fd, operand, length) != (ssize_t)length)
		fail(entry, EXIT_OWN_FAILURE, errno, errno == EACCES ? denied_by_module(" (setexec).") : NULL, "set", "SELinux context ",
		     operand, NULL);
	(void)close(fd);
	entry->exec_context = operand;
}

/* `exec PROFILE`, in a file of its own since Linux 5.8; aa_change_onexec(2). One write: each is a command. */
void step_exec_profile(struct entry *entry, const char *operand)
{
	char command[PATH_MAX] = "exec ";
	const size_t verb = strlen(command), length = strlen(operand);
	int fd;

	if (length >= sizeof(command) - verb)
		fail_word(entry, operand);
	memcpy(command + verb, operand, length + 1);
	fd = open_attribute(entry, "/proc/thread-self/attr/apparmor/exec", "/proc/thread-self/attr/exec");
	if (write(fd, command, verb + length) != (ssize_t)(verb + length))
		fail(entry, EXIT_OWN_FAILURE, errno, errno == EACCES ? denied_by_module(" (change_profile).") : NULL, "set",
		     "AppArmor profile ", operand, NULL);
	(void)close(fd);
}
