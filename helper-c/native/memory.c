/* SPDX-License-Identifier: MIT */
/*
 * A bump allocator with free lists by size. Page faults are what a start costs, so memory is taken from one end and a
 * freed block is used again before a new page is touched. The engine's own paths for a failed allocation crash: here
 * it is the end, with one message.
 */
#define _GNU_SOURCE
#include "native/memory.h"

#include "entry/seldom.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

enum {
	GRAIN = 8,
	SMALL_POWER = 10,
	SMALL = 1 << SMALL_POWER, /* up to here each multiple of GRAIN has a list */
	STEPS = 4,		/* above, each power of two has as many */
	CLASSES = SMALL / GRAIN + STEPS * (64 - SMALL_POWER),
	EXHAUSTED = 64,		/* less than this is left of a spare block: it is forgotten */
	FIRST_ARENA = 1 << 20,
	/* what every start uses, and what is made present at once whenever more is needed */
	USED_BY_EVERY_START = 76 << 10,
	PRESENT_AT_ONCE = 8 << 10,
	STACK_OF_EVERY_START = 12 << 10,
	NEXT_ARENA = 1 << 22,
};

struct block {
	size_t size; /* of the payload, as rounded() gives it */
	union {
		struct block *next;
		uint64_t payload; /* the engine aligns nothing wider */
	};
};

#define HEADER offsetof(struct block, payload)

struct free_memory {
	struct block *lists[CLASSES];
	/* a large block that was released: small ones are taken from it first */
	unsigned char *spare, *spare_end;
};

/*
 * What says where memory is free is in it so that it is on a page that is present. Its last page is the executable's last one.
 */
static _Alignas(4096) SELDOM_WRITTEN struct {
	struct free_memory free;
	unsigned char bytes[FIRST_ARENA - sizeof(struct free_memory)];
} first_arena;

/* Its pages are made present and forgotten: nothing else may be on the last one. */
_Static_assert(sizeof(first_arena) == FIRST_ARENA, "whole pages");

#define FIRST_END (first_arena.bytes + sizeof(first_arena.bytes))

static unsigned char *top = first_arena.bytes;
static unsigned char *end = FIRST_END;
static unsigned char *present = (unsigned char *)&first_arena; /* up to here no page is missing */

bool failure_was_told;

_Noreturn void end_without_memory(void)
{
	static const char message[] = "tsenter: allocate memory: Cannot allocate memory\n";

	if (!failure_was_told)
		(void)!write(STDERR_FILENO, message, sizeof(message) - 1);
	_exit(1);
}

static unsigned int power_below(size_t size)
{
	return 63 - (unsigned int)__builtin_clzll(size - 1);
}

static size_t rounded(size_t size)
{
	size_t step = GRAIN;

	if (size > SIZE_MAX / 4)
		end_without_memory();
	if (size > SMALL)
		step = ((size_t)1 << power_below(size)) / STEPS;
	return size == 0 ? GRAIN : (size + step - 1) & ~(step - 1);
}

static struct block **list_of(size_t size)
{
	unsigned int power;

	if (size <= SMALL)
		return first_arena.free.lists + size / GRAIN - 1;
	power = power_below(size);
	return first_arena.free.lists + SMALL / GRAIN + (power - SMALL_POWER) * STEPS + ((size - 1) >> (power - 2)) % STEPS;
}

/* Each page would otherwise be a fault of its own. Without MADV_POPULATE_* (Linux 5.14) it is. */
static void make_present(size_t size)
{
	if (size > (size_t)(FIRST_END - present))
		return;
	(void)madvise(present, size, MADV_POPULATE_WRITE);
	present += size;
}

static void *take(size_t size)
{
	size_t total = size + HEADER;
	struct block *block;

	if (total <= (size_t)(first_arena.free.spare_end - first_arena.free.spare)) {
		block = (struct block *)(void *)first_arena.free.spare;
		block->size = size;
		first_arena.free.spare += total;
		return &block->payload;
	}
	if (total > (size_t)(end - top)) {
		size_t arena = total > NEXT_ARENA ? total : NEXT_ARENA;
		void *memory = mmap(NULL, arena, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (memory == MAP_FAILED && arena > total) {
			arena = (total + 4095) & ~(size_t)4095;
			memory = mmap(NULL, arena, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		}
		if (memory == MAP_FAILED)
			end_without_memory();
		top = memory;
		end = top + arena;
	}
	block = (struct block *)(void *)top;
	block->size = size;
	top += total;
	if (top > present && end == FIRST_END)
		make_present(PRESENT_AT_ONCE);
	return &block->payload;
}

static struct block *block_of(const void *memory)
{
	return (struct block *)(void *)((unsigned char *)(uintptr_t)memory - HEADER);
}

#ifdef FAIL_ALLOCATION
/* For the test that ends every n-th allocation: the number stands in the environment. */
#include <stdlib.h>
static void count_down(void)
{
	static long left = -1;

	if (left < 0) {
		const char *number = getenv("TSENTER_FAIL_ALLOCATION");

		left = number ? atol(number) : 0;
	}
	if (left > 0 && --left == 0)
		end_without_memory();
}
#else
static void count_down(void)
{
}
#endif

static void *allocate(JSMallocState *state, size_t size)
{
	size_t whole = rounded(size);
	struct block **list = list_of(whole);
	void *memory;

	count_down();
	if (*list) {
		struct block *block = *list;

		*list = block->next;
		memory = &block->payload;
	} else {
		memory = take(whole);
	}
	state->malloc_count++;
	state->malloc_size += whole;
	return memory;
}

static void release(JSMallocState *state, void *memory)
{
	struct block *block, **list;

	if (!memory)
		return;
	block = block_of(memory);
	list = list_of(block->size);
	state->malloc_count--;
	state->malloc_size -= block->size;
	/* Small blocks from a large one that is free touch no new page. One at a time: what is left of it would be lost. */
	if (block->size > SMALL && first_arena.free.spare_end - first_arena.free.spare < EXHAUSTED) {
		first_arena.free.spare = (unsigned char *)block;
		first_arena.free.spare_end = first_arena.free.spare + HEADER + block->size;
		return;
	}
	block->next = *list;
	*list = block;
}

static void *reallocate(JSMallocState *state, void *memory, size_t size)
{
	void *larger;

	if (!memory)
		return size == 0 ? NULL : allocate(state, size);
	if (size == 0) {
		release(state, memory);
		return NULL;
	}
	if (size <= block_of(memory)->size)
		return memory;
	larger = allocate(state, size);
	memcpy(larger, memory, block_of(memory)->size);
	release(state, memory);
	return larger;
}

static size_t usable_size(const void *memory)
{
	return block_of(memory)->size;
}

const JSMallocFunctions memory_functions = { allocate, release, reallocate, usable_size };

void populate_memory(void)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)4095;

	make_present(USED_BY_EVERY_START);
	(void)madvise((void *)(frame - STACK_OF_EVERY_START), STACK_OF_EVERY_START, MADV_POPULATE_WRITE);
}

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _DYNAMIC[] __attribute__((visibility("hidden")));
extern const uintptr_t _GLOBAL_OFFSET_TABLE_[] __attribute__((visibility("hidden")));

/* Only the beginning of the C library looks for _DYNAMIC. On x86-64 the linker leaves nothing else in the table. */
static bool is_offset_table_used(uintptr_t behind)
{
	const uintptr_t dynamic = (uintptr_t)_DYNAMIC, in_file = dynamic - (uintptr_t)__ehdr_start;

	for (const uintptr_t *word = _GLOBAL_OFFSET_TABLE_; (uintptr_t)word < behind; word++)
		if (*word && *word != dynamic && *word != in_file)
			return true;
	return false;
}

/*
 * The engine's constants that hold addresses were written when the executable was relocated: as they are in the file they cost nothing.
 * What the steps use of that kind is no constant.
 */
static void forget_constants(void)
{
	const Elf64_Ehdr *file = (const Elf64_Ehdr *)(const void *)__ehdr_start;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)(const void *)(__ehdr_start + file->e_phoff);

	for (int i = 0; i < file->e_phnum; i++)
		if (segment[i].p_type == PT_GNU_RELRO) {
			uintptr_t first = (uintptr_t)__ehdr_start + segment[i].p_vaddr, behind = first + segment[i].p_memsz;

			if (is_offset_table_used(behind))
				behind = (uintptr_t)_DYNAMIC;
			first &= ~(uintptr_t)4095;
			(void)madvise((void *)first, (behind & ~(uintptr_t)4095) - first, MADV_DONTNEED);
		}
}

void withhold_memory(void)
{
	(void)madvise(&first_arena, sizeof(first_arena), MADV_DONTFORK);
}

void forget_memory(void)
{
	enum { STACK_OF_ENGINE = 512 << 10, STACK_OF_WAIT = 1 << 10 };
	uintptr_t kept = ((uintptr_t)__builtin_frame_address(0) - STACK_OF_WAIT) & ~(uintptr_t)4095;

	forget_constants();
	(void)madvise(&first_arena, sizeof(first_arena), MADV_DONTNEED);
	(void)madvise((void *)(kept - STACK_OF_ENGINE), STACK_OF_ENGINE, MADV_DONTNEED);
}
