/* SPDX-License-Identifier: MIT */
/*
 * Of a JSON text what is wanted: the same as `pick` in src/target/engines/json.ts, for the engine takes some thirty times as long to look at
 * a character. Of a thousand containers that is what a list of their names takes. No table is made of what others wrote, and what is not
 * wanted is passed without a stack: it may be nested to any depth.
 */
#define _GNU_SOURCE
#include "native/json.h"

#include "entry/entry.h"
#include "native/text.h"

#include <stdint.h>
#include <string.h>

enum { MOST_ELEMENTS = 100000, LONGEST_KEY = 512, LONGEST_WORD = 40 };

struct json {
	JSContext *context;
	char *at, *end; /* there is a zero */
	bool is_malformed;
};

static JSValue malformed(struct json *json)
{
	json->is_malformed = true;
	return JS_UNDEFINED;
}

/* The next character that is no space; 0 at the end. */
static char next(struct json *json)
{
	while (*json->at == ' ' || *json->at == '\n' || *json->at == '\t' || *json->at == '\r')
		json->at++;
	return *json->at;
}

/* The end of the string that begins here; moves behind its quote. */
static char *pass_string(struct json *json)
{
	char *first = json->at + 1;

	for (char *quote = first; (quote = memchr(quote, '"', (size_t)(json->end - quote))); quote++) {
		char *before = quote;

		while (before > first && before[-1] == '\\')
			before--;
		if ((quote - before) % 2)
			continue;
		json->at = quote + 1;
		return quote;
	}
	json->is_malformed = true;
	json->at = json->end;
	return first;
}

static void pass_nested(struct json *json)
{
	size_t depth = 0;

	do {
		if (*json->at == '"') {
			(void)pass_string(json);
			if (json->is_malformed)
				return;
			continue;
		}
		if (*json->at == '{' || *json->at == '[')
			depth++;
		else if (*json->at == '}' || *json->at == ']')
			depth--;
		else if (json->at == json->end) {
			json->is_malformed = true;
			return;
		}
		json->at++;
	} while (depth > 0);
}

static void pass_word(struct json *json)
{
	const char *begin = json->at;

	while ((unsigned char)*json->at > ' ' && *json->at != ',' && *json->at != '}' && *json->at != ']')
		json->at++;
	if (json->at == begin)
		json->is_malformed = true;
}

static void pass(struct json *json, char first)
{
	if (first == '"')
		(void)pass_string(json);
	else if (first == '{' || first == '[')
		pass_nested(json);
	else
		pass_word(json);
}

/* What so many hexadecimal digits say; -1: they are none. */
static int hex(const char *digits, int count)
{
	int number = 0;

	for (; count > 0; count--, digits++) {
		int digit = hexadecimal_digit(*digits);

		if (digit < 0)
			return -1;
		number = number * 16 + digit;
	}
	return number;
}

static char *put_utf8(char *to, unsigned int code)
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	int length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (int i = length - 1; i > 0; i--, code >>= 6)
		to[i] = (char)(0x80 | (code & 0x3f));
	to[0] = (char)(first[length == 1 ? 0 : length] | code);
	return to + length;
}

/* Behind a backslash and its u; what is put is never longer. */
static char *put_unit(char *to, const char **from)
{
	int unit = hex(*from, 4), low;

	*from += 4;
	if ((unit & 0xfc00) == 0xd800 && (*from)[0] == '\\' && (*from)[1] == 'u') {
		low = hex(*from + 2, 4);
		if (low >= 0 && (low & 0xfc00) == 0xdc00) {
			*from += 6;
			return put_utf8(to, 0x10000U + (unsigned int)((unit & 0x3ff) << 10) + (unsigned int)(low & 0x3ff));
		}
	}
	return put_utf8(to, (unsigned int)unit);
}

/* In place; gives the new length. */
static size_t unescape(char *text, const char *end)
{
	static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
	char *to = memchr(text, '\\', (size_t)(end - text));

	if (!to)
		return (size_t)(end - text);
	for (const char *from = to; from < end;) {
		const char *letter;

		if (*from != '\\') {
			*to++ = *from++;
		} else if (from[1] == 'u' && hex(from + 2, 4) >= 0) {
			from += 2;
			to = put_unit(to, &from);
		} else {
			letter = from[1] ? strchr(letters, from[1]) : NULL;
			*to++ = letter ? meanings[letter - letters] : from[1];
			from += 2;
		}
	}
	return (size_t)(to - text);
}

static JSValue string(struct json *json)
{
	char *begin = json->at + 1, *end = pass_string(json);

	return json->is_malformed ? JS_UNDEFINED : text_from_bytes(json->context, begin, unescape(begin, end));
}

static const char *behind_digits(const char *at)
{
	while ('0' <= *at && *at <= '9')
		at++;
	return at;
}

static bool is_number(const char *text)
{
	const char *first = text + (*text == '-'), *at = behind_digits(first);

	if (at == first)
		return false;
	if (*at == '.') {
		first = at + 1;
		at = behind_digits(first);
		if (at == first)
			return false;
	}
	if (*at == 'e' || *at == 'E') {
		first = at + 1 + (at[1] == '-' || at[1] == '+');
		at = behind_digits(first);
		if (at == first)
			return false;
	}
	return *at == '\0';
}

static bool is_of_word(char c)
{
	return ('0' <= c && c <= '9') || ('a' <= (c | 0x20) && (c | 0x20) <= 'z') || (c && strchr("-+._", c));
}

static JSValue word(struct json *json)
{
	char text[LONGEST_WORD + 1];
	size_t length = 0;
	double number = 0;
	JSValue digits;

	while (length < LONGEST_WORD && is_of_word(*json->at))
		text[length++] = *json->at++;
	text[length] = '\0';
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return JS_NewBool(json->context, *text == 't');
	if (strcmp(text, "null") == 0)
		return JS_UNDEFINED;
	if (!is_number(text))
		return malformed(json);
	digits = JS_NewStringLen(json->context, text, length);
	(void)JS_ToFloat64(json->context, &number, digits);
	JS_FreeValue(json->context, digits);
	return JS_NewFloat64(json->context, number);
}

static const char *behind_fields(const char *fields)
{
	for (int depth = 1; depth > 0; fields++)
		depth += (*fields == '{') - (*fields == '}');
	return fields;
}

/* The field that is called so: where its own begin, or "" where its value is wanted; NULL: there is none. */
static const char *field(const char *fields, const char *key, size_t length)
{
	while (*fields && *fields != '}') {
		const char *name = fields;

		while (*fields && *fields != ' ' && *fields != '{' && *fields != '}')
			fields++;
		if ((size_t)(fields - name) == length && memcmp(name, key, length) == 0)
			return *fields == '{' ? fields + 1 : "";
		if (*fields == '{')
			fields = behind_fields(fields + 1);
		while (*fields == ' ')
			fields++;
	}
	return NULL;
}

static JSValue value(struct json *json, const char *fields, bool with_array);

/* Behind a value: whether another one follows. */
static bool more(struct json *json, char end)
{
	char c = json->is_malformed ? '\0' : next(json);

	json->is_malformed = json->is_malformed || (c != end && c != ',');
	json->at += !json->is_malformed;
	return !json->is_malformed && c == ',';
}

static void member(struct json *json, const char *fields, JSValueConst object)
{
	char *key, *end;
	const char *own;
	size_t length;

	if (next(json) != '"') {
		json->is_malformed = true;
		return;
	}
	key = json->at + 1;
	end = pass_string(json);
	if (json->is_malformed || next(json) != ':') {
		json->is_malformed = true;
		return;
	}
	json->at++;
	length = end - key < LONGEST_KEY ? unescape(key, end) : 0;
	own = length ? field(fields, key, length) : NULL;
	if (!own) {
		pass(json, next(json));
	} else {
		JSAtom name = JS_NewAtomLen(json->context, key, length);

		(void)JS_DefinePropertyValue(json->context, object, name, value(json, *own ? own : NULL, true), JS_PROP_C_W_E);
		JS_FreeAtom(json->context, name);
	}
}

static JSValue object(struct json *json, const char *fields)
{
	/* Without what every object has, so that what is asked for is its own. */
	JSValue found = JS_NewObjectProto(json->context, JS_NULL);

	json->at++;
	if (next(json) == '}') {
		json->at++;
		return found;
	}
	do
		member(json, fields, found);
	while (more(json, '}'));
	return found;
}

static JSValue array(struct json *json, const char *fields)
{
	JSValue found = JS_NewArray(json->context);
	uint32_t count = 0;

	json->at++;
	if (next(json) == ']') {
		json->at++;
		return found;
	}
	do {
		if (count == MOST_ELEMENTS)
			json->is_malformed = true;
		else
			(void)JS_SetPropertyUint32(json->context, found, count++, value(json, fields, false));
	} while (more(json, ']'));
	return found;
}

/* FIELDS are NULL where the value itself is wanted. */
static JSValue value(struct json *json, const char *fields, bool with_array)
{
	const char first = next(json);

	if (first == '{' && fields)
		return object(json, fields);
	if (first == '[' && with_array)
		return array(json, fields);
	if (first == '"')
		return string(json);
	if (first != '{' && first != '[')
		return word(json);
	pass_nested(json);
	return JS_UNDEFINED;
}

JSValue pick_json(JSContext *context, char *bytes, size_t length, const char *wanted, bool *is_malformed)
{
	struct json json = { .context = context, .at = bytes, .end = bytes + length };
	JSValue found;

	bytes[length] = '\0';
	found = value(&json, wanted, true);
	*is_malformed = json.is_malformed || (next(&json), json.at != json.end);
	return found;
}
