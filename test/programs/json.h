/*
 * A JSON writer of a few lines, for programs that report what they see.
 *
 * Strings of the kernel are bytes, not text: every byte outside printable
 * ASCII is written as \u00XX, so that a reader gets the bytes back by
 * encoding the decoded string as latin1.
 */
#ifndef TSENTER_TEST_JSON_H
#define TSENTER_TEST_JSON_H

#include <stdio.h>

static inline void json_string(FILE *out, const char *s)
{
	if (!s) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c > 0x7e)
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

/* A list of strings that ends with NULL, as argv and environ. */
static inline void json_strings(FILE *out, char *const *list)
{
	const char *comma = "";

	fputc('[', out);
	for (; list && *list; list++, comma = ",") {
		fputs(comma, out);
		json_string(out, *list);
	}
	fputc(']', out);
}

#endif
