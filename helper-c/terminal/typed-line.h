/* SPDX-License-Identifier: MIT */
/* What a terminal with lines makes of bytes, as far as it tells where a long line can be handed on. */
#ifndef TSENTER_TYPED_LINE_H
#define TSENTER_TYPED_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct typed_line {
	/* how much of it was written */
	size_t length;
	/* the next byte has no meaning (VLNEXT) */
	bool is_literal;
	/* before there is more it has to be handed on, and its last byte is there for certain */
	bool is_due;
};

/* Goes on with bytes, up to where the line is due. How many these are. */
size_t follow_line(struct typed_line *line, const unsigned char *bytes, size_t length, const struct termios *settings);

#endif
