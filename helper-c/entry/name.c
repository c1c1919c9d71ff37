/* SPDX-License-Identifier: MIT */
/* The same as in src/cli/screens/name.ts, for messages of the steps. */
#define _GNU_SOURCE
#include "entry/name.h"

#include "entry/escape.h"
#include "entry/vocabulary.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

/* No addresses: a sealed start relocates no constants (native/start.c). */
static const char nsenter_names[][16] = {
#define NAME(name) name,
	NSENTER_NAMES(NAME)
#undef NAME
};

/* What would have to be escaped, or is longer than the name of a file. */
static bool is_showable(const char *name)
{
	char escaped[NAME_MAX], *at = escaped;

	return *name && write_escaped(&at, escaped + sizeof(escaped), name) && (size_t)(at - escaped) == strlen(name);
}

const char *name_for_messages(const char *called_as)
{
	const char *slash = called_as ? strrchr(called_as, '/') : NULL;
	const char *name = slash ? slash + 1 : called_as;

	return name && is_showable(name) ? name : "tsenter";
}

bool is_nsenter(const char *name)
{
	for (size_t i = 0; i < sizeof(nsenter_names) / sizeof(*nsenter_names); i++)
		if (strcmp(name, nsenter_names[i]) == 0)
			return true;
	return false;
}
