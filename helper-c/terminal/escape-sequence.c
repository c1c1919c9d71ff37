/* SPDX-License-Identifier: MIT */
/*
 * The caller's terminal is raw, and each key the program's, which may be frozen or deaf: behind an escape character at the beginning of a
 * line, as in ssh(1), a key is for the waiting parent.
 */
#define _GNU_SOURCE
#include "terminal/escape-sequence.h"
#include "terminal/terminal.h"

#include <string.h>
#include <unistd.h>

enum { CONTROL = 0x40, CONTROL_Z = 'Z' ^ CONTROL, DELETE = 0x7f };

static struct {
	int character, messages;
	/* an escape character would be one here; it was, and what follows says for what */
	bool begins_line, is_withheld;
	enum escape escape;
} typed;

void begin_escapes(int character, int messages)
{
	typed.character = character;
	typed.messages = messages;
	typed.begins_line = true;
}

static char *add_character(char *text)
{
	if (typed.character < ' ' || typed.character == DELETE) {
		*text++ = '^';
		*text++ = (char)(typed.character ^ CONTROL);
	} else {
		*text++ = (char)typed.character;
	}
	return text;
}

static void list_sequences(void)
{
	static const struct {
		char key[8], does[48];
	} sequences[] = {
		{ ".", " hang up and end\r\n" },
		{ "^Z", " stop tsenter, until fg\r\n" },
		{ "?", " this list\r\n" },
	};
	char text[256], *end = text;

	if (typed.messages < 0)
		return;
	end = stpcpy(end, "\r\n");
	for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++) {
		end = stpcpy(add_character(end), sequences[i].key);
		end = stpcpy(end, sequences[i].does);
	}
	end = add_character(add_character(end));
	end = stpcpy(end, " the character itself\r\n");
	/* It is for people: lost is lost. */
	if (write(typed.messages, text, (size_t)(end - text)) < 0)
		return;
}

/* True where the character that follows an escape character is no part of what is typed. */
static bool is_taken(unsigned char character)
{
	switch (character) {
	case '.':
		typed.escape = ESCAPE_HANG_UP;
		return true;
	case CONTROL_Z:
		typed.escape = ESCAPE_STOP;
		return true;
	case '?':
		list_sequences();
		return true;
	default:
		return false;
	}
}

size_t take_escapes(unsigned char *to, const unsigned char *from, size_t count)
{
	unsigned char *end = to;

	for (const unsigned char *at = from; at < from + count; at++) {
		unsigned char character = *at;

		if (typed.is_withheld) {
			typed.is_withheld = false;
			/* The line has not begun: what comes next may be another one. */
			if (is_taken(character))
				continue;
			*end++ = (unsigned char)typed.character;
			if (character == typed.character) {
				typed.begins_line = false;
				continue;
			}
		} else if (typed.begins_line && character == typed.character) {
			typed.is_withheld = true;
			continue;
		}
		*end++ = character;
		typed.begins_line = character == '\r' || character == '\n';
	}
	return (size_t)(end - to);
}

enum escape typed_escape(void)
{
	enum escape escape = typed.escape;

	typed.escape = NO_ESCAPE;
	return escape;
}
