/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "entry/own-descriptors.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

bool ask_own_descriptors(const struct entry *entry, int first, void (*ask)(const struct entry *entry, int fd))
{
	_Alignas(struct record) char records[2048];
	struct statfs filesystem;
	long count = -1;
	int directory = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return false;
	if (fstatfs(directory, &filesystem) == 0 && filesystem.f_type == PROC_SUPER_MAGIC)
		while ((count = syscall(SYS_getdents64, directory, records, sizeof(records))) > 0)
			for (long at = 0; at < count;) {
				const struct record *record = (const void *)(records + at);
				int fd = atoi(record->name);

				if (*record->name != '.' && fd >= first)
					ask(entry, fd);
				at += record->length;
			}
	(void)close(directory);
	return count == 0;
}
