/* SPDX-License-Identifier: MIT */
/* Root and working directory. */
#define _GNU_SOURCE
#include "entry/entry.h"

#include <errno.h>
#include <unistd.h>

void step_chroot(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd) || chroot("."))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     errno == EPERM ? "Needs CAP_SYS_CHROOT in the user namespace that is entered." : NULL, "change",
		     "root directory to ", label, NULL);
}

void step_chdir(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "change", "working directory to ", label, NULL);
}

void step_chdir_inside(struct entry *entry, const char *operand)
{
	if (chdir(operand))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "change", "working directory inside to ", operand, NULL);
}
