/* SPDX-License-Identifier: MIT */
/*
 * Bytes as the core knows them: strings with one character, 0 to 255, a byte. The engine's interface is UTF-8, in
 * which such a character is one byte or two.
 */
#ifndef TSENTER_TEXT_H
#define TSENTER_TEXT_H

#include "quickjs.h"

JSValue text_from_bytes(JSContext *context, const char *bytes, size_t length);
/* NUL-terminated; in the engine's memory for as long as the process lives. NULL: an exception is pending. */
char *bytes_of_text(JSContext *context, JSValueConst text, size_t *length);

#endif
