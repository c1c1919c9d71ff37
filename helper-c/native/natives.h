/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_NATIVES_H
#define TSENTER_NATIVES_H

#include "entry/entry.h"
#include "quickjs.h"

#include <stdbool.h>

/* What the executable was started with. */
struct host {
	char *name; /* argv[0] */
	bool is_sealed, may_be_sealed; /* as in struct entry */
	char **words; /* argv after the program's name */
	int word_count;
	char **environment;
	/* Executes the steps; never returns. */
	void (*execute)(const struct entry *entry);
	/* Evaluates a chunk of the bundle; the value is its exports. Extended: it needs more than the basic objects. */
	JSValue (*load_chunk)(JSContext *context, const char *name, bool extended);
};

/* Defines the global `native`. */
void add_natives(JSContext *context, JSValueConst global, const struct host *host);

/* Adds to it what only chunks call that need more than the basic objects. */
void add_rare_natives(JSContext *context);

#endif
