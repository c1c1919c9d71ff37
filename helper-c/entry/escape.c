/* SPDX-License-Identifier: MIT */
/*
 * Control characters, and what is no UTF-8, as \x and two digits for each byte. In UTF-8 0xc2 0x9b is a control character,
 * on an 8-bit terminal 0x9b alone is the same. A backslash stays: names of systemd have \x2d in them.
 */
#include "entry/escape.h"

#include <stddef.h>
#include <string.h>

/* The bytes of the UTF-8 character that begins there (RFC 3629); 0: none does. A NUL ends the text, and none goes on with it. */
static size_t character_length(const unsigned char *text)
{
	unsigned char first = text[0];
	/* The shortest form only, no surrogate, nothing above U+10FFFF. */
	unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4 || text[1] < low || text[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* C0, DEL, and C1 as UTF-8 has it. */
static bool is_control(const unsigned char *character)
{
	return character[0] < 0x20 || character[0] == 0x7f || (character[0] == 0xc2 && character[1] < 0xa0);
}

bool write_escaped(char **at, const char *end, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *next = (const unsigned char *)text;

	while (*next) {
		size_t valid = character_length(next), length = valid ? valid : 1;
		bool stays = valid && !is_control(next);

		if ((size_t)(end - *at) < (stays ? length : length * strlen("\\x1b")))
			return false;
		for (size_t i = 0; i < length; i++, next++) {
			if (stays) {
				*(*at)++ = (char)*next;
				continue;
			}
			*(*at)++ = '\\';
			*(*at)++ = 'x';
			*(*at)++ = digits[*next >> 4];
			*(*at)++ = digits[*next & 0xf];
		}
	}
	return true;
}
