/* SPDX-License-Identifier: MIT */
/* In the place of start.c, where it is the C library that starts the executable. */
#include "native/start.h"

#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

bool is_sealed_start, was_executed_by_descriptor, goes_on_from_clone;

static void __attribute__((constructor)) look_at_words(int argc, char **argv)
{
	static const char by_descriptor[] = "/dev/fd/";
	const char *name = (const char *)(uintptr_t)getauxval(AT_EXECFN);

	was_executed_by_descriptor = strncmp(name, by_descriptor, sizeof(by_descriptor) - 1) == 0;
	is_sealed_start = argc > 1 && !*argv[1] && was_executed_by_descriptor;
}
