/* SPDX-License-Identifier: MIT */
/* What this process has open, whoever opened it. */
#ifndef TSENTER_OWN_DESCRIPTORS_H
#define TSENTER_OWN_DESCRIPTORS_H

#include "entry/entry.h"

#include <stdbool.h>
#include <stdint.h>

/* A record of getdents64(2). */
struct record {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

/*
 * Hands each that is not less than FIRST to ASK, as /proc lists them; false where not all are known. Before anything is entered: inside,
 * /proc is the target's.
 */
bool ask_own_descriptors(const struct entry *entry, int first, void (*ask)(const struct entry *entry, int fd));

#endif
