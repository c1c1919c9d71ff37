/* SPDX-License-Identifier: MIT */
/* For deadlines: milliseconds of a clock that nobody sets. */
#ifndef TSENTER_CLOCK_H
#define TSENTER_CLOCK_H

long milliseconds(void);

#endif
