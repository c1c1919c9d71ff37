/*
 * filtered - execute a program under a seccomp filter, as container engines start theirs.
 *
 *   filtered ERRNO CALL... -- PROGRAM ARG...
 *
 * Each CALL fails with ERRNO (a number; "kill" kills; 0 says that it succeeded, and does nothing) for the program and what it executes. "fork" is every call that
 * makes a process, and "get_seccomp" is the question of prctl(2) whether there is a filter. With "+" in front of ERRNO the filter is
 * installed by CAP_SYS_ADMIN, without no_new_privs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/filter.h and linux/seccomp.h, which musl-gcc does not find. */
struct instruction {
	uint16_t code;
	uint8_t if_true, if_false;
	uint32_t value;
};

enum { LOAD_WORD = 0x20, JUMP_IF_EQUAL = 0x15, RETURN = 0x06 };
enum { NUMBER = 0, FIRST_ARGUMENT = 16 }; /* where they are in what a filter sees */
enum { FILTER = 2, ALLOW = 0x7fff0000, FAIL = 0x00050000 };
#define KILL 0x80000000U

/* arm64 has none of these, which therefore come last. */
#ifndef SYS_open
#define SYS_open 0
#define SYS_poll 0
#define SYS_stat 0
#define SYS_fork 0
#define SYS_vfork 0
#endif

static const struct {
	const char *name;
	long numbers[4]; /* up to the first 0, a call that is not in the table */
} calls[] = {
	{ "pidfd_open", { SYS_pidfd_open } },
	{ "pidfd_getfd", { SYS_pidfd_getfd } },
	{ "dup3", { SYS_dup3 } },
	{ "openat2", { SYS_openat2 } },
	{ "openat", { SYS_openat, SYS_open } },
	{ "madvise", { SYS_madvise } },
	{ "close_range", { SYS_close_range } },
	{ "signalfd", { SYS_signalfd4 } },
	{ "rt_sigtimedwait", { SYS_rt_sigtimedwait } },
	{ "keyctl", { SYS_keyctl } },
	{ "statmount", { 457 } }, /* of Linux 6.8, on every machine */
	{ "setns", { SYS_setns } },
	{ "ioctl", { SYS_ioctl } },
	{ "poll", { SYS_ppoll, SYS_poll } },
	{ "prctl", { SYS_prctl } },
	{ "getrlimit", { SYS_getrlimit, SYS_prlimit64 } },
	{ "stat", { SYS_newfstatat, SYS_statx, SYS_stat } },
	{ "fstat", { SYS_fstat, SYS_newfstatat, SYS_statx } },
	{ "uname", { SYS_uname } },
	{ "mmap", { SYS_mmap } },
	{ "brk", { SYS_brk } },
	{ "open_tree", { SYS_open_tree } },
	{ "mount_setattr", { SYS_mount_setattr } },
	{ "execveat", { SYS_execveat } },
	{ "memfd_create", { SYS_memfd_create } },
	{ "sigaction", { SYS_rt_sigaction } },
	{ "fork", { SYS_clone, SYS_clone3, SYS_fork, SYS_vfork } },
	{ "wait", { SYS_wait4, SYS_waitid } },
	{ "fcntl", { SYS_fcntl } },
	{ "chdir", { SYS_chdir, SYS_fchdir } },
	{ "setuid", { SYS_setuid, SYS_setresuid } },
	{ "setgid", { SYS_setgid, SYS_setresgid } },
	{ "setgroups", { SYS_setgroups } },
	{ "capset", { SYS_capset } },
};

enum { MAX_RULES = 64 };

static struct instruction filter[2 * MAX_RULES + 4];
static unsigned short length;

static void add(uint16_t code, uint32_t value, uint8_t if_false)
{
	if (length == sizeof(filter) / sizeof(*filter))
		exit(125);
	filter[length++] = (struct instruction){ code, 0, if_false, value };
}

static void deny(const char *name, unsigned int result)
{
	size_t i, j;

	if (!strcmp(name, "get_seccomp")) {
		add(JUMP_IF_EQUAL, SYS_prctl, 4);
		add(LOAD_WORD, FIRST_ARGUMENT, 0);
		add(JUMP_IF_EQUAL, PR_GET_SECCOMP, 1);
		add(RETURN, result, 0);
		add(LOAD_WORD, NUMBER, 0);
		return;
	}
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (strcmp(calls[i].name, name))
			continue;
		for (j = 0; j < 4 && calls[i].numbers[j]; j++) {
			add(JUMP_IF_EQUAL, (uint32_t)calls[i].numbers[j], 1);
			add(RETURN, result, 0);
		}
		return;
	}
	fprintf(stderr, "filtered: no call %s\n", name);
	exit(125);
}

int main(int argc, char **argv)
{
	struct {
		unsigned short length;
		const struct instruction *filter;
	} program = { .filter = filter };
	const char *what = argc < 4 ? "" : argv[1];
	int gains = *what != '+', i;
	unsigned int result;

	if (!*what)
		return 125;
	what += !gains;
	result = strcmp(what, "kill") ? FAIL | (unsigned int)atoi(what) : KILL;
	add(LOAD_WORD, NUMBER, 0);
	for (i = 2; i < argc && strcmp(argv[i], "--"); i++)
		deny(argv[i], result);
	add(RETURN, ALLOW, 0);
	program.length = length;
	if (i + 1 >= argc || (gains && prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L)) ||
	    prctl(PR_SET_SECCOMP, (unsigned long)FILTER, &program)) {
		perror("filtered");
		return 125;
	}
	execv(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 125;
}
