/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_GUESS_H
#define TSENTER_GUESS_H

#include <stdbool.h>

/*
 * Whether the words of a command line are likely to have files of a target entered. A guess, which costs time only where it is wrong: the
 * step `seal` of the plan makes sure.
 */
bool may_enter_files(char **words);

#endif
