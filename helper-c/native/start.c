/* SPDX-License-Identifier: MIT */
/*
 * The executable's first instructions: it relocates itself, then the C library starts. musl's rcrt1.o relocates all of it. A
 * sealed start (steps/seal.c) executes steps and makes no engine: what lies before _DYNAMIC, the engine's constant tables, stays
 * as it is in the file. That is four pages less to write, and less for the waiting parent to keep.
 *
 * Nothing may be called here, nor anything static be read that holds an address.
 */
#include "native/start.h"

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

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
#else
#error "how a process starts on this machine is not written down yet"
#endif

bool is_sealed_start;

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
int main(int argc, char **argv, char **environment);
_Noreturn void __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv);
_Noreturn void start(char **stack, const Elf64_Dyn *dynamic);

/* An empty word, which names neither an option nor a program, and a file that was executed by descriptor (execveat(2)). */
static bool has_steps(int argc, char **argv)
{
	static const char by_descriptor[] = "/dev/fd/";
	const Elf64_auxv_t *auxiliary;

	if (argc < 2 || *argv[1])
		return false;
	for (argv += argc + 1; *argv; argv++)
		;
	auxiliary = (const Elf64_auxv_t *)(const void *)(argv + 1);
	for (; auxiliary->a_type != AT_NULL; auxiliary++) {
		const char *name = (const char *)(uintptr_t)auxiliary->a_un.a_val;

		if (auxiliary->a_type != AT_EXECFN)
			continue;
		for (size_t i = 0; i < sizeof(by_descriptor) - 1; i++)
			if (name[i] != by_descriptor[i])
				return false;
		return true;
	}
	return false;
}

static void relocate(const Elf64_Dyn *dynamic, bool sealed)
{
	uintptr_t base = (uintptr_t)__ehdr_start, first = sealed ? (uintptr_t)dynamic - base : 0;
	const Elf64_Rela *relocation = NULL;
	size_t size = 0;

	for (; dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == DT_RELA)
			relocation = (const Elf64_Rela *)(base + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_RELASZ)
			size = dynamic->d_un.d_val;
	for (; size >= sizeof(*relocation); size -= sizeof(*relocation), relocation++)
		if (ELF64_R_TYPE(relocation->r_info) == RELATIVE && relocation->r_offset >= first)
			*(uintptr_t *)(base + relocation->r_offset) = base + (uintptr_t)relocation->r_addend;
}

void start(char **stack, const Elf64_Dyn *dynamic)
{
	int argc = (int)(intptr_t)stack[0];
	char **argv = stack + 1;

	is_sealed_start = has_steps(argc, argv);
	relocate(dynamic, is_sealed_start);
	__libc_start_main(main, argc, argv);
}
