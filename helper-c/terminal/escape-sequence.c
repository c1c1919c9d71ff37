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

enum { CONTROL = 0x40, CONTROL_Z = 'Z' ^ CONTROL, BELL = 'G' ^ CONTROL, ESCAPE = '[' ^ CONTROL, DELETE = 0x7f };

/* Of what a terminal itself sends (ECMA-48, 5.3 to 5.6): behind ESC; a control sequence, of a private kind; a string until BEL or ESC \. */
enum report { NO_REPORT, REPORT_BEGINS, CONTROL_SEQUENCE, PRIVATE_SEQUENCE, CONTROL_STRING, STRING_ENDS };

static struct {
	int character, messages;
	/* an escape character would be one here; it was, and what follows says for what */
	bool begins_line, is_withheld;
	enum report report;
	/* whether a line would have begun where the report did */
	bool began_line;
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
		/* Of what came at once, too, the end is the end. */
		if (typed.escape != ESCAPE_HANG_UP)
			typed.escape = ESCAPE_STOP;
		return true;
	case '?':
		list_sequences();
		return true;
	default:
		return false;
	}
}

/*
 * The last character of a control sequence that no key sends: where the cursor is, which a shell asks at each prompt, what the terminal is,
 * its modes and sizes, and that its window has got or lost the focus (xterm's ctlseqs). R is F3 as well, with a modifier; no key is private.
 */
static bool ends_answer(unsigned char character)
{
	return character >= '@' && (typed.report == PRIVATE_SEQUENCE || strchr("RcnytIO", character));
}

static enum report begin_report(unsigned char character)
{
	switch (character) {
	case '[':
		return CONTROL_SEQUENCE;
	case ']':
	case 'P':
	case '_':
	case '^':
	case 'X':
		return CONTROL_STRING;
	default:
		return NO_REPORT;
	}
}

/*
 * What a terminal answers to the program comes among what is typed, and does not begin a line. A control character ends what looked like
 * an answer: it was a key, and no key is to make the escape character one of its own for ever.
 */
static void follow_report(unsigned char character)
{
	bool is_answer = false, is_string = typed.report == CONTROL_STRING;

	switch (typed.report) {
	case NO_REPORT:
		break;
	case REPORT_BEGINS:
		typed.report = begin_report(character);
		break;
	case CONTROL_SEQUENCE:
		if (character == '?' || character == '>')
			typed.report = PRIVATE_SEQUENCE;
		__attribute__((fallthrough));
	case PRIVATE_SEQUENCE:
		/* The others are its parameters. */
		if (character >= '@' || character < ' ') {
			is_answer = ends_answer(character);
			typed.report = NO_REPORT;
		}
		break;
	case STRING_ENDS:
		is_answer = character == '\\';
		typed.report = NO_REPORT;
		break;
	case CONTROL_STRING:
		is_answer = character == BELL;
		if (character < ' ')
			typed.report = NO_REPORT;
	}
	if (character == ESCAPE) {
		typed.report = is_string ? STRING_ENDS : REPORT_BEGINS;
		if (!is_string)
			typed.began_line = typed.begins_line;
	}
	typed.begins_line = character == '\r' || character == '\n' || (is_answer && typed.began_line);
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
			typed.begins_line = false;
			if (character == typed.character)
				continue;
		} else if (typed.begins_line && character == typed.character) {
			typed.is_withheld = true;
			continue;
		}
		*end++ = character;
		follow_report(character);
	}
	return (size_t)(end - to);
}

enum escape typed_escape(void)
{
	enum escape escape = typed.escape;

	typed.escape = NO_ESCAPE;
	return escape;
}
