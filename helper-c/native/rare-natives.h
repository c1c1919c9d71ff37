/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_RARE_NATIVES_H
#define TSENTER_RARE_NATIVES_H

#include "native/natives.h"

/* What add_rare_natives() adds to the global `native`, by files. */
void add_read_natives(JSContext *context, JSValueConst object);
void add_namespace_natives(JSContext *context, JSValueConst object);

#endif
