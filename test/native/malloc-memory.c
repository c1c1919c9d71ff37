/* SPDX-License-Identifier: MIT */
/* In the place of memory.c: each block from the C library, so that AddressSanitizer and valgrind see its bounds. */
#define _GNU_SOURCE
#include "native/memory.h"

#include <malloc.h>
#include <stdlib.h>

bool failure_was_told;

static void *allocate(JSMallocState *state, size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		abort();
	state->malloc_count++;
	state->malloc_size += malloc_usable_size(memory);
	return memory;
}

static void release(JSMallocState *state, void *memory)
{
	if (!memory)
		return;
	state->malloc_count--;
	state->malloc_size -= malloc_usable_size(memory);
	free(memory);
}

static void *reallocate(JSMallocState *state, void *memory, size_t size)
{
	if (!memory)
		return size == 0 ? NULL : allocate(state, size);
	state->malloc_count--;
	state->malloc_size -= malloc_usable_size(memory);
	if (size == 0) {
		free(memory);
		return NULL;
	}
	memory = realloc(memory, size);
	if (!memory)
		abort();
	state->malloc_count++;
	state->malloc_size += malloc_usable_size(memory);
	return memory;
}

static size_t usable_size(const void *memory)
{
	return malloc_usable_size((void *)(size_t)memory);
}

const JSMallocFunctions memory_functions = { allocate, release, reallocate, usable_size };

void populate_memory(void)
{
}

void end_without_memory(void)
{
	abort();
}

void withhold_memory(void)
{
}

void forget_memory(void)
{
}
