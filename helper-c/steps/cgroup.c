/* SPDX-License-Identifier: MIT */
#include "entry/entry.h"

#include <errno.h>
#include <unistd.h>

void step_join_cgroup(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (write(fd, "0", 1) != 1)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "join", "cgroup ", label, NULL);
	(void)close(fd);
}
