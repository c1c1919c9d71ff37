/* SPDX-License-Identifier: MIT */
/* The seccomp filters of the target, read from it and installed for the program. */
#define _GNU_SOURCE
#include "entry/clock.h"
#include "entry/seldom.h"
#include "steps/steps.h"

#include <errno.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* All filters of a process together (MAX_INSNS_PER_PATH of the kernel, which counts four more for each). */
enum { MAX_INSTRUCTIONS = 32768, MAX_FILTERS = 1024 };

static SELDOM_WRITTEN struct {
	struct sock_filter *instructions;
	size_t count;
	unsigned short lengths[MAX_FILTERS];
	unsigned int filters;
} copied;

static long trace(long request, pid_t pid, unsigned long address, void *data)
{
	return syscall(SYS_ptrace, request, pid, address, data);
}

static bool has_ended(int pidfd)
{
	struct pollfd process = { .fd = pidfd, .events = POLLIN };

	return poll(&process, 1, 0) != 0;
}

static _Noreturn void fail_target(const struct entry *entry, const char *verb, const char *number)
{
	fail(entry, EXIT_OWN_FAILURE, errno,
	     errno == EPERM ? "It is traced already, or may not be: kernel.yama.ptrace_scope, CAP_SYS_PTRACE." : NULL, verb, "target ", number,
	     NULL);
}

/* The next one, oldest first (ptrace(2), PTRACE_SECCOMP_GET_FILTER); false: there is none. */
static bool copy_next(const struct entry *entry, pid_t pid, const char *number)
{
	struct sock_filter *place = copied.instructions + copied.count;
	long length = trace(PTRACE_SECCOMP_GET_FILTER, pid, copied.filters, NULL);

	if (length < 0 && errno == ENOENT)
		return false;
	if (length >= 0 && (copied.filters == MAX_FILTERS || (size_t)length > MAX_INSTRUCTIONS - copied.count)) {
		errno = E2BIG;
		length = -1;
	}
	if (length < 0 || trace(PTRACE_SECCOMP_GET_FILTER, pid, copied.filters, place) < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", "seccomp filters of target ", number, NULL);
	copied.lengths[copied.filters++] = (unsigned short)length;
	copied.count += (size_t)length;
	return true;
}

/*
 * Who waits in the kernel, as for a child of vfork(2), does not stop before that is over: then not for ever. Asked again and again, for to a
 * caller that ignores SIGCHLD no signal would tell (ptrace(2)).
 */
static void wait_for_stop(const struct entry *entry, pid_t pid, const char *number, int *status)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	const long deadline = milliseconds() + 2000;

	for (;;) {
		pid_t stopped = waitpid(pid, status, __WALL | WNOHANG);

		if (stopped == pid)
			return;
		if (stopped < 0 && errno != EINTR)
			fail_target(entry, "wait for", number);
		if (milliseconds() >= deadline) {
			errno = ETIMEDOUT;
			fail_target(entry, "stop", number);
		}
		(void)nanosleep(&moment, NULL);
	}
}

/* It goes on when this process detaches, or dies. A number is the pinned process's as long as that lives. */
void step_copy_filters(struct entry *entry, const char *operand)
{
	const char *rest = operand;
	pid_t pid = (pid_t)take_number(entry, &rest, INT_MAX);
	int pidfd, status;
	char digits[11];
	const char *number = write_number(digits, (unsigned int)pid);

	if (*rest++ != ':')
		fail_word(entry, operand);
	pidfd = whole_fd(entry, rest);
	copied.instructions = mmap(NULL, MAX_INSTRUCTIONS * sizeof(*copied.instructions), PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (copied.instructions == MAP_FAILED)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "allocate", "memory", NULL);
	if (trace(PTRACE_SEIZE, pid, 0, NULL))
		fail_target(entry, "trace", number);
	if (has_ended(pidfd)) {
		errno = ESRCH;
		fail_target(entry, "trace", number);
	}
	if (trace(PTRACE_INTERRUPT, pid, 0, NULL))
		fail_target(entry, "stop", number);
	wait_for_stop(entry, pid, number, &status);
	if (!WIFSTOPPED(status)) {
		errno = ESRCH;
		fail_target(entry, "stop", number);
	}
	while (copy_next(entry, pid, number))
		continue;
	/* A signal that it stopped for is still to be delivered; an event of PTRACE_INTERRUPT is none (PTRACE_EVENT_STOP). */
	if (trace(PTRACE_DETACH, pid, 0, (void *)(long)(status >> 16 ? 0 : WSTOPSIG(status))))
		fail_target(entry, "let go of", number);
}

void step_filters(struct entry *entry, const char *operand)
{
	size_t first = 0;

	(void)operand;
	for (unsigned int i = 0; i < copied.filters; first += copied.lengths[i++]) {
		struct sock_fprog program = { .len = copied.lengths[i], .filter = copied.instructions + first };

		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
			fail(entry, EXIT_OWN_FAILURE, errno,
			     errno == EACCES ? "Without no_new_privs they need CAP_SYS_ADMIN in this user namespace: add --no-new-privs." : NULL,
			     "install", "seccomp filters", NULL);
	}
}
