/* SPDX-License-Identifier: MIT */
#include "entry/entry.h"

#include <errno.h>
#include <unistd.h>

/* cgroups(7), "Delegation containment"; version 1 asks for no more than the file. */
static const char *why_not_let_in(int error)
{
	return error == EACCES ? "Who is not root needs write permission for cgroup.procs of the closest cgroup above both, too: the target's "
				 "and the caller's (cgroups(7))." :
				 NULL;
}

void step_join_cgroup(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (write(fd, "0", 1) != 1)
		fail(entry, EXIT_OWN_FAILURE, errno, why_not_let_in(errno), "join", "cgroup ", label, NULL);
	(void)close(fd);
}
