/* SPDX-License-Identifier: MIT */
/* What the kernel grants over the first user namespace only (capable()): set before another one is entered. */
#define _GNU_SOURCE
#include "entry/hint.h"
#include "steps/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *lacks(int error, unsigned int capability, const char *name, char text[128])
{
	return why_not_permitted(error, capability, name, compose(text, 128, "The caller lacks ", name, " in the first user namespace.", NULL));
}

void step_oom_score(struct entry *entry, const char *operand)
{
	static const char path[] = "/proc/thread-self/oom_score_adj";
	char text[128];
	size_t length = strlen(operand);
	int fd;

	(void)whole_signed(entry, operand, -1000, 1000);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", path, NULL);
	if (write(fd, operand, length) != (ssize_t)length)
		fail(entry, EXIT_OWN_FAILURE, errno, lacks(errno == EACCES ? EPERM : errno, CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", text),
		     "set", "oom_score_adj ", operand, NULL);
	(void)close(fd);
}

void step_nice(struct entry *entry, const char *operand)
{
	char text[128];

	if (syscall(SYS_setpriority, PRIO_PROCESS, 0, whole_signed(entry, operand, -20, 19)))
		fail(entry, EXIT_OWN_FAILURE, errno, lacks(errno == EACCES ? EPERM : errno, CAP_SYS_NICE, "CAP_SYS_NICE", text), "set",
		     "nice value ", operand, NULL);
}

/* musl's sched_setscheduler(3) is none. */
void step_scheduler(struct entry *entry, const char *operand)
{
	const char *rest = operand;
	int policy = (int)take_number(entry, &rest, INT_MAX);
	struct sched_param parameters = { 0 };
	char text[128];

	if (*rest++ != ':')
		fail_word(entry, operand);
	parameters.sched_priority = (int)whole_number(entry, rest, INT_MAX);
	if (syscall(SYS_sched_setscheduler, 0, policy, &parameters))
		fail(entry, EXIT_OWN_FAILURE, errno, lacks(errno, CAP_SYS_NICE, "CAP_SYS_NICE", text), "set", "scheduling policy ", operand, NULL);
}

void step_io_priority(struct entry *entry, const char *operand)
{
	enum { IOPRIO_WHO_PROCESS = 1 };
	char text[128];

	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, whole_number(entry, operand, INT_MAX)))
		fail(entry, EXIT_OWN_FAILURE, errno, lacks(errno, CAP_SYS_NICE, "CAP_SYS_NICE", text), "set", "priority of input and output ",
		     operand, NULL);
}

/* RESOURCE:SOFT:HARD, with 2^64-1 for no limit on every architecture: prlimit(2). */
void step_limit(struct entry *entry, const char *operand)
{
	const char *rest = operand;
	struct {
		uint64_t soft, hard;
	} limit;
	int resource = (int)take_number(entry, &rest, INT_MAX);
	char text[128];

	if (*rest++ != ':')
		fail_word(entry, operand);
	limit.soft = take_number(entry, &rest, ULONG_MAX);
	if (*rest++ != ':')
		fail_word(entry, operand);
	limit.hard = whole_number(entry, rest, ULONG_MAX);
	if (syscall(SYS_prlimit64, 0, resource, &limit, NULL))
		fail(entry, EXIT_OWN_FAILURE, errno, lacks(errno, CAP_SYS_RESOURCE, "CAP_SYS_RESOURCE", text), "set", "resource limit ", operand,
		     NULL);
}
