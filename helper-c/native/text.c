/* SPDX-License-Identifier: MIT */
#include "native/text.h"

JSValue text_from_bytes(JSContext *context, const char *bytes, size_t length)
{
	size_t wide = 0, at = 0;
	char *utf8;
	JSValue text;

	for (size_t i = 0; i < length; i++)
		wide += (unsigned char)bytes[i] >= 0x80;
	if (wide == 0)
		return JS_NewStringLen(context, bytes, length);
	utf8 = js_malloc(context, length + wide);
	if (!utf8)
		return JS_EXCEPTION;
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte < 0x80) {
			utf8[at++] = (char)byte;
		} else {
			utf8[at++] = (char)(0xc0 | byte >> 6);
			utf8[at++] = (char)(0x80 | (byte & 0x3f));
		}
	}
	text = JS_NewStringLen(context, utf8, at);
	js_free(context, utf8);
	return text;
}

char *bytes_of_text(JSContext *context, JSValueConst text, size_t *length)
{
	size_t size, at = 0;
	const char *utf8 = JS_ToCStringLen(context, &size, text);
	char *bytes;

	if (!utf8)
		return NULL;
	bytes = js_malloc(context, size + 1);
	for (size_t i = 0; bytes && i < size; i++) {
		unsigned char byte = (unsigned char)utf8[i];

		if (byte >= 0xc0 && i + 1 < size)
			byte = (unsigned char)(byte << 6 | ((unsigned char)utf8[++i] & 0x3f));
		bytes[at++] = (char)byte;
	}
	if (bytes) {
		bytes[at] = '\0';
		if (length)
			*length = at;
	}
	JS_FreeCString(context, utf8);
	return bytes;
}
