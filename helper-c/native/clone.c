/* SPDX-License-Identifier: MIT */
/*
 * How the native executable leaves its file for a read-only clone of it (steps/seal.c has the reason). Nothing was written yet but what
 * the kernel did, so each page can be mapped from the clone instead, and the kernel be told that it is the file of this process: half of
 * what a second exec would cost. That one is for kernels that do not allow this (PR_SET_MM(2const): CONFIG_CHECKPOINT_RESTORE).
 *
 * No function of the library may be called here, nor anything static be read that holds an address.
 */
#define _GNU_SOURCE
#include "native/clone.h"

#include "native/bare.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

extern const char __ehdr_start[] __attribute__((visibility("hidden")));

enum { PAGE = 4096 };

static uintptr_t page_of(uintptr_t address)
{
	return address & ~(uintptr_t)(PAGE - 1);
}

static int protection_of(const Elf64_Phdr *segment)
{
	return (segment->p_flags & PF_R ? PROT_READ : 0) | (segment->p_flags & PF_W ? PROT_WRITE : 0) |
	       (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/* The code that does this is replaced by itself; what is made present at once is no fault for each page that is used. */
static bool map_segment(const Elf64_Phdr *segment, long fd)
{
	uintptr_t first = (uintptr_t)__ehdr_start + segment->p_vaddr, end = first + segment->p_filesz, from = page_of(first);
	long result = bare_call(SYS_mmap, (long)from, (long)(end - from), protection_of(segment), MAP_PRIVATE | MAP_FIXED | MAP_POPULATE, fd,
				(long)page_of(segment->p_offset));

	if (result != (long)from)
		return false;
	/* As the kernel does it: behind what is in the file there are zeros, not the file. */
	if (segment->p_memsz > segment->p_filesz) {
		for (; end % sizeof(uint64_t) != 0; end++)
			*(volatile char *)end = 0;
		for (; page_of(end) != end; end += sizeof(uint64_t))
			*(volatile uint64_t *)end = 0;
	}
	return true;
}

static bool map_from(long fd)
{
	const Elf64_Ehdr *file = (const Elf64_Ehdr *)(const void *)__ehdr_start;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)(const void *)(__ehdr_start + file->e_phoff);

	for (int i = 0; i < file->e_phnum; i++)
		if (segment[i].p_type == PT_LOAD && !map_segment(segment + i, fd))
			return false;
	return true;
}

/* Of larger pages there may be more to be cleared, and data may lie on one that begins elsewhere: the exec is for those. */
static bool has_such_pages(char **environment)
{
	const Elf64_auxv_t *auxiliary;

	while (*environment)
		environment++;
	auxiliary = (const Elf64_auxv_t *)(const void *)(environment + 1);
	while (auxiliary->a_type != AT_NULL && auxiliary->a_type != AT_PAGESZ)
		auxiliary++;
	return auxiliary->a_type == AT_PAGESZ && auxiliary->a_un.a_val == PAGE;
}

static uint64_t end_of(char **words, const void *none)
{
	const char *last = none;

	for (; *words; words++)
		for (last = *words; *last; last++)
			;
	return (uint64_t)(uintptr_t)last + (last != none);
}

/* All that this call sets has to be given again as it is; proc_pid_stat(5) has it, too, and takes longer. */
static bool set_file(long fd, char **stack, char **argv, char **environment)
{
	const uint64_t heap = (uint64_t)bare_call(SYS_brk, 0, 0, 0, 0, 0, 0), arguments_end = end_of(argv, argv[0]);
	const uint64_t environment_end = end_of(environment, NULL);
	struct prctl_mm_map map = { .start_brk = heap, .brk = heap, .exe_fd = (uint32_t)fd };
	const Elf64_Ehdr *file = (const Elf64_Ehdr *)(const void *)__ehdr_start;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)(const void *)(__ehdr_start + file->e_phoff);

	for (int i = 0; i < file->e_phnum; i++) {
		uint64_t first = (uint64_t)(uintptr_t)__ehdr_start + segment[i].p_vaddr, end = first + segment[i].p_filesz;

		if (segment[i].p_type == PT_LOAD && segment[i].p_flags & PF_X)
			map.start_code = first, map.end_code = end;
		else if (segment[i].p_type == PT_LOAD)
			map.start_data = first, map.end_data = end;
	}
	map.start_stack = (uint64_t)(uintptr_t)stack;
	map.arg_start = (uint64_t)(uintptr_t)argv[0];
	map.arg_end = arguments_end;
	map.env_start = *environment ? (uint64_t)(uintptr_t)environment[0] : arguments_end;
	map.env_end = environment_end ? environment_end : arguments_end;
	return bare_call(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, bare_pointer(&map), sizeof(map), 0, 0) == 0;
}

/* A clone is opened as a path only. */
static long open_again(long fd)
{
	char path[] = "/proc/self/fd/0000000000", *digit = path + sizeof("/proc/self/fd/") - 1;
	long power = 1;

	while (fd / power >= 10)
		power *= 10;
	for (; power > 0; power /= 10)
		*digit++ = (char)('0' + fd / power % 10);
	*digit = '\0';
	return bare_call(SYS_openat, AT_FDCWD, bare_pointer(path), O_RDONLY | O_CLOEXEC, 0, 0, 0);
}

static void close_bare(long fd)
{
	(void)bare_call(SYS_close, fd, 0, 0, 0, 0, 0);
}

static bool become(long clone, char **stack, char **argv, char **environment)
{
	long fd = open_again(clone);
	bool done = fd >= 0 && has_such_pages(environment) && map_from(fd) && set_file(fd, stack, argv, environment);

	if (fd >= 0)
		close_bare(fd);
	return done;
}

/* steps/seal.c says why it is asked; EINVAL: the kernel has no filters. */
static bool is_filtered(void)
{
	long mode = bare_call(SYS_prctl, PR_GET_SECCOMP, 0, 0, 0, 0, 0);

	return mode != 0 && mode != -EINVAL;
}

bool go_on_from_clone(char **stack, char **argv, char **environment)
{
	static const char file[] = "/proc/self/exe";
	const struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	bool done = false;
	long fd;

	if (is_filtered())
		return false;
	fd = bare_call(SYS_open_tree, AT_FDCWD, bare_pointer(file), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC, 0, 0, 0);
	if (fd < 0)
		return false;
	if (bare_call(SYS_mount_setattr, fd, bare_pointer(""), AT_EMPTY_PATH, bare_pointer(&read_only), sizeof(read_only), 0) == 0) {
		done = become(fd, stack, argv, environment);
		if (!done)
			(void)bare_call(SYS_execveat, fd, bare_pointer(""), bare_pointer(argv), bare_pointer(environment), AT_EMPTY_PATH, 0);
	}
	close_bare(fd);
	return done;
}
