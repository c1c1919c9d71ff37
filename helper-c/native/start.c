/* SPDX-License-Identifier: MIT */
/*
 * The executable's first instructions, in the place of the C library's rcrt1.o. Where files of a target are likely to be entered, the
 * process leaves its file for a read-only clone of it (native/clone.c), while that costs least: nothing has been relocated yet, no page been
 * written. Then it relocates itself, and the C library starts.
 *
 * No function of the library may be called here, nor anything static be read that holds an address.
 */
#include "native/start.h"

#include "native/bare.h"
#include "native/clone.h"
#include "native/guess.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#ifndef DT_RELR
#define DT_RELRSZ 35
#define DT_RELR 36
#endif

#if defined(__x86_64__)
enum { RELATIVE = R_X86_64_RELATIVE };
__asm__(".text\n"
	".global _start\n"
	".hidden _DYNAMIC\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	lea _DYNAMIC(%rip), %rsi\n"
	"	and $-16, %rsp\n"
	"	call start\n");
#elif defined(__aarch64__)
enum { RELATIVE = R_AARCH64_RELATIVE };
__asm__(".text\n"
	".global _start\n"
	".hidden _DYNAMIC\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	adrp x1, _DYNAMIC\n"
	"	add x1, x1, #:lo12:_DYNAMIC\n"
	"	and sp, x0, #-16\n"
	"	b start\n");
#endif

bool is_sealed_start, was_executed_by_descriptor, goes_on_from_clone;

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
int main(int argc, char **argv, char **environment);
_Noreturn void __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv);
_Noreturn void start(char **stack, const Elf64_Dyn *dynamic);

static const char *name_of_file(const Elf64_auxv_t *auxiliary)
{
	while (auxiliary->a_type != AT_NULL && auxiliary->a_type != AT_EXECFN)
		auxiliary++;
	return auxiliary->a_type == AT_EXECFN ? (const char *)(uintptr_t)auxiliary->a_un.a_val : "";
}

static bool begins_with(const char *name, const char *beginning)
{
	while (*beginning && *name == *beginning)
		name++, beginning++;
	return !*beginning;
}

/* The first is what the kernel makes of execveat(2), the second what is executed where that is denied (steps/seal.c). */
static bool is_by_descriptor(const char *name)
{
	return begins_with(name, "/dev/fd/") || begins_with(name, "/proc/self/fd/");
}

/* Relative relocations, packed: an address, then for each 63 words behind it a bitmap (--help of ld, pack-relative-relocs). */
struct packed {
	const uint64_t *next, *end;
};

static void relocate_packed(uintptr_t base, uintptr_t first, struct packed packed)
{
	uintptr_t *behind = NULL;

	for (; packed.next < packed.end; packed.next++) {
		uintptr_t *word = behind;
		uint64_t bits = *packed.next >> 1;

		if (!(*packed.next & 1)) {
			word = (uintptr_t *)(base + *packed.next);
			behind = word + 1;
			bits = 1;
		} else {
			behind += 63;
		}
		for (; bits; bits &= bits - 1) {
			uintptr_t *place = word + __builtin_ctzll(bits);

			if ((uintptr_t)place >= first)
				*place += base;
		}
	}
}

/* A start that has steps for words makes no engine: what lies before _DYNAMIC, the engine's constants, stays as it is in the file. */
static void relocate(const Elf64_Dyn *dynamic, bool makes_engine)
{
	uintptr_t base = (uintptr_t)__ehdr_start, first = makes_engine ? 0 : (uintptr_t)dynamic;
	const Elf64_Rela *relocation = NULL;
	struct packed packed = { NULL, NULL };
	size_t size = 0, packed_size = 0;

	for (; dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == DT_RELA)
			relocation = (const Elf64_Rela *)(base + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_RELASZ)
			size = dynamic->d_un.d_val;
		else if (dynamic->d_tag == DT_RELR)
			packed.next = (const uint64_t *)(base + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_RELRSZ)
			packed_size = dynamic->d_un.d_val;
	packed.end = packed.next + packed_size / sizeof(*packed.next);
	relocate_packed(base, first, packed);
	for (; size >= sizeof(*relocation); size -= sizeof(*relocation), relocation++)
		if (ELF64_R_TYPE(relocation->r_info) == RELATIVE && base + relocation->r_offset >= first)
			*(uintptr_t *)(base + relocation->r_offset) = base + (uintptr_t)relocation->r_addend;
}

void start(char **stack, const Elf64_Dyn *dynamic)
{
	int argc = (int)(intptr_t)stack[0];
	char **argv = stack + 1, **environment = argv + argc + 1, **behind = environment;
	bool by_descriptor = false, from_clone = false;

	/* An empty word names neither an option nor a program (steps/seal.c). */
	if (argc > 1 && (!*argv[1] || may_enter_files(argv + 1))) {
		while (*behind)
			behind++;
		by_descriptor = is_by_descriptor(name_of_file((const Elf64_auxv_t *)(const void *)(behind + 1)));
		from_clone = *argv[1] && !by_descriptor && go_on_from_clone(stack, argv, environment);
	}
	is_sealed_start = by_descriptor && !*argv[1];
	was_executed_by_descriptor = by_descriptor;
	goes_on_from_clone = from_clone;
	relocate(dynamic, !is_sealed_start);
	__libc_start_main(main, argc, argv);
}
