/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_ENGINE_H
#define TSENTER_ENGINE_H

#include "quickjs.h"

/* Adds the objects that every start uses. */
void add_few_objects(JSContext *context);

/* Adds those of the language in their place, but for regular expressions and collections. The global object is another one afterwards. */
void add_base_objects(JSContext *context);

#endif
