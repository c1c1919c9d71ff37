/* SPDX-License-Identifier: MIT */
/* What outlives the engine: the words of the steps, and what goes with them. */
#define _GNU_SOURCE
#include "native/memory.h"

#include <sys/mman.h>

/*
 * A few words, as steps are, lie among other data that is used: in the engine's memory they would keep a page of it. An environment takes
 * blocks of its own.
 */
enum { ALIGNMENT = 8, KEPT_HERE = 2048, KEPT_BLOCK = 256 << 10 };
static _Alignas(ALIGNMENT) unsigned char kept_here[KEPT_HERE];
static struct kept_block {
	struct kept_block *before;
	size_t size;
	unsigned char bytes[];
} *kept_block;
static unsigned char *kept_next = kept_here, *kept_end = kept_here + KEPT_HERE;

static void add_kept_block(size_t least)
{
	size_t size = least > KEPT_BLOCK - sizeof(*kept_block) ? least + sizeof(*kept_block) : KEPT_BLOCK;
	struct kept_block *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (block == MAP_FAILED)
		end_without_memory();
	block->before = kept_block;
	block->size = size;
	kept_block = block;
	kept_next = block->bytes;
	kept_end = (unsigned char *)block + size;
}

void *keep_memory(size_t size)
{
	size_t whole = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	void *memory;

	if (whole > (size_t)(kept_end - kept_next))
		add_kept_block(whole);
	memory = kept_next;
	kept_next += whole;
	return memory;
}

void release_kept_memory(void)
{
	while (kept_block) {
		struct kept_block *block = kept_block;

		kept_block = block->before;
		(void)munmap(block, block->size);
	}
}
