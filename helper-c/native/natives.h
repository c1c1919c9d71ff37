/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_NATIVES_H
#define TSENTER_NATIVES_H

#include "quickjs.h"

/* The order of OPEN_AS in src/sys/native/native-sys.ts. */
enum open_as { OPEN_NAMESPACE, OPEN_FILE, OPEN_DIRECTORY, OPEN_WRITE };

/* What the executable was started with. */
struct host {
	char **words; /* argv after the program's name */
	int word_count;
	char **environment;
	/* Evaluates the chunk with what only people read; its value is the Screens object. */
	JSValue (*load_screens)(JSContext *context);
};

/* Defines the global `native`. */
void add_natives(JSContext *context, JSValueConst global, const struct host *host);

#endif
