/* SPDX-License-Identifier: MIT */
/* What is typed for the waiting parent among what is typed for the program. */
#ifndef TSENTER_ESCAPE_SEQUENCE_H
#define TSENTER_ESCAPE_SEQUENCE_H

#include <stddef.h>

/* CHARACTER -1: there are none. MESSAGES is where the sequences are listed; -1: nowhere. */
void begin_escapes(int character, int messages);
/*
 * Copies what was typed, without what is for the parent, and gives the length. TO may be one before FROM, and needs room for COUNT + 1: an
 * escape character is withheld until it is known what follows it.
 */
size_t take_escapes(unsigned char *to, const unsigned char *from, size_t count);

#endif
