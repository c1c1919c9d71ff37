/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_JSON_H
#define TSENTER_JSON_H

#include "quickjs.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Of a JSON text what is wanted, as src/target/engines/json.ts has it in TypeScript. BYTES are written to, and have a zero behind their end.
 * Where they are no JSON text, IS_MALFORMED is set.
 */
JSValue pick_json(JSContext *context, char *bytes, size_t length, const char *wanted, bool *is_malformed);

#endif
