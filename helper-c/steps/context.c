/* SPDX-License-Identifier: MIT */
/* The SELinux context of the program. */
#define _GNU_SOURCE
#include "entry/entry.h"
#include "entry/hint.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

/* What is written there counts for the next exec of this task; a process that the target bind-mounted is no procfs. */
void step_exec_context(struct entry *entry, const char *operand)
{
	static const char path[] = "/proc/thread-self/attr/exec";
	size_t length = strlen(operand);
	struct statfs filesystem;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", path, NULL);
	if (fstatfs(fd, &filesystem))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "stat", path, NULL);
	if (filesystem.f_type != PROC_SUPER_MAGIC)
		fail(entry, EXIT_OWN_FAILURE, EPERM, "It is not on a proc file system.", "write", path, NULL);
	if (write(fd, operand, length) != (ssize_t)length)
		fail(entry, EXIT_OWN_FAILURE, errno, errno == EACCES ? denied_by_module(" (setexec).") : NULL, "set", "SELinux context ",
		     operand, NULL);
	(void)close(fd);
	entry->exec_context = operand;
}
