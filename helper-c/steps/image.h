/* SPDX-License-Identifier: MIT */
/* The image that executes the program where tsenter is sealed: the helper with the steps of IMAGE_STEPS, in this executable. */
#ifndef TSENTER_IMAGE_H
#define TSENTER_IMAGE_H

#include "entry/entry.h"

extern const unsigned char image[], image_end[];

size_t count_words(char *const *words);
/* Room for so many and NULL, which is there. */
char **new_words(const struct entry *entry, size_t count);

#endif
