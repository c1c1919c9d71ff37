/* SPDX-License-Identifier: MIT */
/* As the kernel does it: n_tty_set_termios() and n_tty_receive_char() of n_tty.c. */
#include "terminal/typed-line.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

enum {
	/* Of a line the kernel keeps 4095 bytes, and loses the rest. */
	MOST_OF_LINE = 4000,
	SEVEN_BITS = 0x7f,
	/* With PARMRK there are two of it. */
	MARK = 0xff,
};

enum meaning { KEPT, SPECIAL, LITERAL_NEXT, END_OF_LINE };

static const struct {
	/* an index of c_cc */
	unsigned char index;
	unsigned char meaning;
	/* with these flags */
	tcflag_t local, input;
} special[] = {
	{ VERASE, SPECIAL, ICANON, 0 },
	{ VKILL, SPECIAL, ICANON, 0 },
	{ VEOF, SPECIAL, ICANON, 0 },
	{ VEOL, SPECIAL, ICANON, 0 },
	{ VEOL2, SPECIAL, ICANON | IEXTEN, 0 },
	{ VWERASE, SPECIAL, ICANON | IEXTEN, 0 },
	{ VREPRINT, SPECIAL, ICANON | IEXTEN | ECHO, 0 },
	{ VLNEXT, LITERAL_NEXT, ICANON | IEXTEN, 0 },
	{ VINTR, SPECIAL, ISIG, 0 },
	{ VQUIT, SPECIAL, ISIG, 0 },
	{ VSUSP, SPECIAL, ISIG, 0 },
	{ VSTART, SPECIAL, 0, IXON },
	{ VSTOP, SPECIAL, 0, IXON },
};

static void find_meanings(unsigned char meanings[UCHAR_MAX + 1], const struct termios *settings)
{
	memset(meanings, KEPT, UCHAR_MAX + 1);
	for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++) {
		const cc_t character = settings->c_cc[special[i].index];

		if (character != _POSIX_VDISABLE && (settings->c_lflag & special[i].local) == special[i].local &&
		    (settings->c_iflag & special[i].input) == special[i].input)
			meanings[character] = special[i].meaning;
	}
	if (!(settings->c_iflag & INLCR))
		meanings['\n'] = END_OF_LINE;
	if (settings->c_iflag & IGNCR)
		meanings['\r'] = SPECIAL;
	else if (settings->c_iflag & ICRNL)
		meanings['\r'] = END_OF_LINE;
}

size_t follow_line(struct typed_line *line, const unsigned char *bytes, size_t length, const struct termios *settings)
{
	const unsigned char bits = settings->c_iflag & ISTRIP ? SEVEN_BITS : UCHAR_MAX;
	unsigned char meanings[UCHAR_MAX + 1];

	line->is_due = false;
	find_meanings(meanings, settings);
	for (size_t at = 0; at < length; at++) {
		const unsigned char byte = bytes[at] & bits;
		const unsigned char meaning = line->is_literal ? KEPT : meanings[byte];

		line->is_literal = meaning == LITERAL_NEXT;
		line->length = meaning == END_OF_LINE ? 0 : line->length + 1;
		if (byte == MARK && settings->c_iflag & PARMRK)
			line->length++;
		if (meaning == KEPT && line->length >= MOST_OF_LINE) {
			line->length = 0;
			line->is_due = true;
			return at + 1;
		}
	}
	return length;
}
