/* SPDX-License-Identifier: MIT */
/*
 * The executable's first instructions, in the place of the C library's rcrt1.o. Where files of a target are likely to be entered, the
 * executable executes itself from a read-only clone of its file (steps/seal.c has the reason), while that costs least: nothing has been
 * relocated yet, no page been written. Then it relocates itself, and the C library starts.
 *
 * No function of the library may be called here, nor anything static be read that holds an address.
 */
#define _GNU_SOURCE
#include "native/start.h"

#include "native/guess.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

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

static long system_call(long number, long a, long b, long c, long d, long e)
{
	register long fourth __asm__("r10") = d, fifth __asm__("r8") = e;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth)
			 : "rcx", "r11", "memory");
	return result;
}
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

static long system_call(long number, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d, x4 __asm__("x4") = e;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
#else
#error "how a process starts on this machine is not written down yet"
#endif

bool is_sealed_start, was_executed_by_descriptor;

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
int main(int argc, char **argv, char **environment);
_Noreturn void __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv);
_Noreturn void start(char **stack, const Elf64_Dyn *dynamic);

static long pointer(const void *to)
{
	return (long)(intptr_t)to;
}

/* The name that AT_EXECFN of the auxiliary vector gives, which is behind the environment. */
static bool is_executed_by_descriptor(char **environment)
{
	static const char by_descriptor[] = "/dev/fd/";
	const Elf64_auxv_t *auxiliary;

	while (*environment)
		environment++;
	auxiliary = (const Elf64_auxv_t *)(const void *)(environment + 1);
	for (; auxiliary->a_type != AT_NULL; auxiliary++)
		if (auxiliary->a_type == AT_EXECFN) {
			const char *name = (const char *)(uintptr_t)auxiliary->a_un.a_val;
			size_t i = 0;

			while (by_descriptor[i] && name[i] == by_descriptor[i])
				i++;
			return !by_descriptor[i];
		}
	return false;
}

static void execute_from_clone(char **argv, char **environment)
{
	static const char file[] = "/proc/self/exe";
	const struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	long fd = system_call(SYS_open_tree, AT_FDCWD, pointer(file), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, 0, 0);

	if (fd < 0)
		return;
	if (system_call(SYS_mount_setattr, fd, pointer(""), AT_EMPTY_PATH, pointer(&read_only), sizeof(read_only)) == 0)
		(void)system_call(SYS_execveat, fd, pointer(""), pointer(argv), pointer(environment), AT_EMPTY_PATH);
	(void)system_call(SYS_close, fd, 0, 0, 0, 0);
}

/* A start that has steps for words makes no engine: what lies before _DYNAMIC, the engine's constants, stays as it is in the file. */
static void relocate(const Elf64_Dyn *dynamic, bool makes_engine)
{
	uintptr_t base = (uintptr_t)__ehdr_start, first = makes_engine ? 0 : (uintptr_t)dynamic - base;
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
	char **argv = stack + 1, **environment = argv + argc + 1;
	bool by_descriptor = false;

	/* An empty word names neither an option nor a program (steps/seal.c). */
	if (argc > 1 && (!*argv[1] || may_enter_files(argv + 1))) {
		by_descriptor = is_executed_by_descriptor(environment);
		if (*argv[1] && !by_descriptor)
			execute_from_clone(argv, environment);
	}
	is_sealed_start = by_descriptor && !*argv[1];
	was_executed_by_descriptor = by_descriptor;
	relocate(dynamic, !is_sealed_start);
	__libc_start_main(main, argc, argv);
}
