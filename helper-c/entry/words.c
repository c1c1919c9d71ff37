/* SPDX-License-Identifier: MIT */
/* Numbers in the operands of steps. */
#include "entry/entry.h"

#include <limits.h>

unsigned long take_number(const struct entry *entry, const char **text, unsigned long most)
{
	const char *digit = *text;
	unsigned long number = 0;

	if (*digit < '0' || *digit > '9')
		fail_word(entry, *text);
	for (; *digit >= '0' && *digit <= '9'; digit++) {
		unsigned long value = (unsigned long)(*digit - '0');

		if (number > (most - value) / 10)
			fail_word(entry, *text);
		number = number * 10 + value;
	}
	*text = digit;
	return number;
}

long whole_signed(const struct entry *entry, const char *text, long least, long most)
{
	bool is_negative = *text == '-';
	unsigned long number = whole_number(entry, text + is_negative, (unsigned long)(is_negative ? -least : most));

	return is_negative ? -(long)number : (long)number;
}

int hexadecimal_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit |= 0x20;
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

uint64_t take_set(const struct entry *entry, const char **text)
{
	uint64_t set = 0;

	for (int i = 0; i < 16; i++, (*text)++) {
		int digit = hexadecimal_digit(**text);

		if (digit < 0)
			fail_word(entry, *text);
		set = set << 4 | (uint64_t)digit;
	}
	return set;
}

int take_fd(const struct entry *entry, const char **text)
{
	return (int)take_number(entry, text, INT_MAX);
}

unsigned long whole_number(const struct entry *entry, const char *text, unsigned long most)
{
	const char *end = text;
	unsigned long number = take_number(entry, &end, most);

	if (*end)
		fail_word(entry, text);
	return number;
}

int whole_fd(const struct entry *entry, const char *text)
{
	return (int)whole_number(entry, text, INT_MAX);
}

const char *take_labelled(const struct entry *entry, const char *operand, int *fd)
{
	*fd = take_fd(entry, &operand);
	if (*operand != ':')
		fail_word(entry, operand);
	return operand + 1;
}
