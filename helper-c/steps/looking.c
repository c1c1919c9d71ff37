/* SPDX-License-Identifier: MIT */
/* What hints are computed with. */
#define _GNU_SOURCE
#include "entry/open.h"
#include "steps/steps.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

bool enters_files(const struct entry *entry)
{
	return entry->joined & CLONE_NEWNS || entry->root_is_changed;
}

bool is_shell(const char *name)
{
	static const char shells[][8] = { "sh", "bash", "ash", "dash", "zsh", "ksh", "fish" };
	const char *slash = strrchr(name, '/');

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (strcmp(slash ? slash + 1 : name, shells[i]) == 0)
			return true;
	return false;
}

int open_regular(const char *path)
{
	struct stat file;
	int fd = open_inside(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);

	if (fd >= 0 && (fstat(fd, &file) || !S_ISREG(file.st_mode))) {
		(void)close(fd);
		return -1;
	}
	return fd;
}
