/* SPDX-License-Identifier: MIT */
/* What of its surroundings the program has without rights over anything: processors, session, file mode creation mask. */
#define _GNU_SOURCE
#include "steps/steps.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MAX_PROCESSORS = 8192, WORD_DIGITS = sizeof(unsigned long) * 2 };

/* Hexadecimal digits with commas between, the first processor's bit the last (Cpus_allowed of proc_pid_status(5)). */
void step_affinity(struct entry *entry, const char *operand)
{
	unsigned long mask[MAX_PROCESSORS / (CHAR_BIT * sizeof(unsigned long))] = { 0 };
	size_t place = 0;

	for (const char *at = operand + strlen(operand); at-- > operand;) {
		int value = hexadecimal_digit(*at);

		if (*at == ',')
			continue;
		if (value < 0 || place / WORD_DIGITS >= sizeof(mask) / sizeof(*mask))
			fail_word(entry, operand);
		mask[place / WORD_DIGITS] |= (unsigned long)value << place % WORD_DIGITS * 4;
		place++;
	}
	if (syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     errno == EINVAL ? "The cpuset of the cgroup has none of them: --join-cgroup, or --as-target=-sched." : NULL, "run on",
		     "processors ", operand, NULL);
}

void step_new_session(struct entry *entry, const char *operand)
{
	(void)operand;
	if (setsid() < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "begin", "a session", NULL);
}

/* In octal. */
void step_umask(struct entry *entry, const char *operand)
{
	unsigned int mask = 0;

	for (const char *digit = operand; *digit; digit++) {
		if (*digit < '0' || *digit > '7' || mask > 0777)
			fail_word(entry, operand);
		mask = mask << 3 | (unsigned int)(*digit - '0');
	}
	(void)umask(mask);
}
