/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "node/trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool find_trust(struct trust *trust, const char *directory)
{
	struct stat root, own, around;

	if (stat("/", &root) || stat("/proc/self/exe", &own) || stat(directory, &around))
		return false;
	*trust = (struct trust){
		/* In a user namespace that does not map the host's root it is nobody, and so is whatever belongs to root. */
		.root = root.st_uid,
		.owner = own.st_uid,
		.keeper = around.st_uid,
		.has_group = around.st_mode & S_IWGRP && !(around.st_mode & S_ISVTX),
		.group = around.st_gid,
	};
	return true;
}

static bool is_only_theirs(const struct trust *trust, const struct stat *file)
{
	uid_t uid = file->st_uid;

	if (uid != 0 && uid != trust->root && uid != trust->owner && uid != trust->keeper)
		return false;
	/* There a file can be replaced by its owner and that of the directory only (unlink(2), EPERM). */
	if (S_ISDIR(file->st_mode) && file->st_mode & S_ISVTX)
		return true;
	if (file->st_mode & S_IWOTH)
		return false;
	return !(file->st_mode & S_IWGRP) || file->st_gid == 0 || (trust->has_group && file->st_gid == trust->group);
}

bool is_trusted(const struct trust *trust, const char *file, char real[PATH_MAX], char at_fault[PATH_MAX])
{
	struct stat part;

	if (!realpath(file, real) || stat(real, &part))
		return false;
	if (!S_ISREG(part.st_mode) || !(part.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))) {
		errno = EACCES;
		return false;
	}
	errno = 0;
	strcpy(at_fault, real);
	/* From the file up to /: what may not be changed on the whole way is the same when it is executed. */
	for (;;) {
		char *slash = strrchr(at_fault, '/');

		if (lstat(at_fault, &part) || !is_only_theirs(trust, &part))
			return false;
		if (strcmp(at_fault, "/") == 0)
			return true;
		slash[slash == at_fault] = '\0';
	}
}
