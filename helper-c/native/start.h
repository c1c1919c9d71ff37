/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_START_H
#define TSENTER_START_H

#include <stdbool.h>

/* This process executes the words of steps: the sealed start of another one (steps/seal.c). */
extern bool is_sealed_start;
/* What it is called by is a number, or nothing. */
extern bool was_executed_by_descriptor;
/* Its file is a clone of that one, which no other process can be given (native/clone.c). */
extern bool goes_on_from_clone;

#endif
