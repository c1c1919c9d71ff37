/* SPDX-License-Identifier: MIT */
/* tsenter-helper STEP... -- [WORD...] */
#define _GNU_SOURCE
#include "entry/privileged.h"
#include "steps/steps.h"

#include <stdint.h>
#include <sys/mman.h>

/* What the steps had of it, and the waiting parent will not use, costs nothing while the program runs. */
static void forget_stack(void)
{
	enum { STACK_OF_STEPS = 128 << 10, STACK_OF_WAIT = 1 << 10 };
	uintptr_t kept = ((uintptr_t)__builtin_frame_address(0) - STACK_OF_WAIT) & ~(uintptr_t)4095;

	(void)madvise((void *)(kept - STACK_OF_STEPS), STACK_OF_STEPS, MADV_DONTNEED);
}

int main(int argc, char **argv, char **environment)
{
	refuse_privileged_file(argc > 0 ? argv[0] : NULL);
	execute_command_line(argc, argv, environment, forget_stack);
}
