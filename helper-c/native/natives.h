/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_NATIVES_H
#define TSENTER_NATIVES_H

#include "entry/entry.h"
#include "quickjs.h"

#include <stdbool.h>

/* What of the language a chunk needs (scripts/build-native.mjs): what every start has, or also its other objects, or regular expressions as well. */
enum objects { FEW_OBJECTS, BASE_OBJECTS, ALL_OBJECTS };

/* What the executable was started with. */
struct host {
	char *name; /* argv[0] */
	bool is_sealed, may_be_sealed; /* as in struct entry */
	char **words; /* argv after the program's name */
	int word_count;
	char **environment;
	/* Executes the steps; never returns. */
	void (*execute)(const struct entry *entry);
	/* Evaluates a chunk of the bundle; the value is its exports. */
	JSValue (*load_chunk)(JSContext *context, unsigned int number, enum objects objects);
	JSValue (*load_errors)(JSContext *context);
};

/* A function of the global `native`. Arguments are what the bundle passes. */
#define NATIVE(name) \
	static JSValue name(JSContext *context, JSValueConst self, int count, JSValueConst *arguments)
#define UNUSED() ((void)self, (void)count)

/* Throws what the bundle makes of a failed call. */
JSValue throw_errno(JSContext *context, const char *call);
JSValue number_or_throw(JSContext *context, long result, const char *call);
/* Above the standard streams. */
JSValue descriptor_or_throw(JSContext *context, long fd, const char *call);
char **callers_environment(void);
int integer(JSContext *context, JSValueConst value);

/* Defines the global `native`. */
void add_natives(JSContext *context, JSValueConst global, const struct host *host);

/* Adds to it what only chunks call that need more than a few objects. */
void add_rare_natives(JSContext *context);

#endif
