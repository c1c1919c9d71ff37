/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "entry/clock.h"

#include <time.h>

long milliseconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
