/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_TRUST_H
#define TSENTER_TRUST_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* Who may change this installation of tsenter: there is nothing that they could not do anyway. */
struct trust {
	uid_t root, owner, keeper;	/* of /, of the launcher, of its directory */
	bool has_group;			/* may write to the directory */
	gid_t group;
};

/* DIRECTORY is that of this executable; false with errno where it cannot be looked at. */
bool find_trust(struct trust *trust, const char *directory);

/*
 * Whether only they, or root, may change an executable file or a directory on the way to it. REAL becomes its path without
 * links, and AT_FAULT what of it others may change. False with errno where it is no executable file.
 */
bool is_trusted(const struct trust *trust, const char *file, char real[PATH_MAX], char at_fault[PATH_MAX]);

#endif
