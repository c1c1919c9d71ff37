/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_SELDOM_H
#define TSENTER_SELDOM_H

/*
 * Of a buffer that most starts leave alone: it lies behind all other data (native/Makefile), so that what the waiting parent keeps is on
 * as few pages as it fits on.
 */
#define SELDOM_WRITTEN __attribute__((section(".bss.large")))

#endif
