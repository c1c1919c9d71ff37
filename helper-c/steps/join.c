/* SPDX-License-Identifier: MIT */
/* setns(2): several namespaces of a process at once, or one by one. */
#define _GNU_SOURCE
#include "steps/steps.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* Not constant: a sealed start relocates no constants (native/start.c). */
static struct namespace {
	const char *name;
	const char *proc;
	int flag;
} namespaces[] = {
#define NAMESPACE(name, proc, flag) { name, proc, flag },
	NAMESPACES(NAMESPACE)
#undef NAMESPACE
};

enum { NAMESPACE_COUNT = sizeof(namespaces) / sizeof(*namespaces) };

struct join {
	const struct namespace *namespace;
	int fd;
};

struct joins {
	int pidfd; /* -1: one by one only */
	size_t count;
	struct join list[NAMESPACE_COUNT];
};

static const struct namespace *take_namespace(const struct entry *entry, const char **text)
{
	size_t length = strcspn(*text, "@");

	for (size_t i = 0; i < NAMESPACE_COUNT; i++)
		if (strlen(namespaces[i].name) == length && memcmp(namespaces[i].name, *text, length) == 0) {
			*text += length;
			return namespaces + i;
		}
	fail_word(entry, *text);
}

/* [PIDFD:]NAMESPACE@FD[,NAMESPACE@FD]... without those that were entered already */
static void parse_joins(const struct entry *entry, const char *operand, struct joins *joins)
{
	joins->pidfd = -1;
	joins->count = 0;
	if (*operand >= '0' && *operand <= '9') {
		joins->pidfd = take_fd(entry, &operand);
		if (*operand++ != ':')
			fail_word(entry, operand);
	}
	for (;;) {
		const struct namespace *namespace = take_namespace(entry, &operand);
		int fd;

		if (*operand++ != '@')
			fail_word(entry, operand);
		fd = take_fd(entry, &operand);
		if (!(entry->joined & namespace->flag) && joins->count < NAMESPACE_COUNT)
			joins->list[joins->count++] = (struct join){ namespace, fd };
		if (!*operand)
			return;
		if (*operand++ != ',')
			fail_word(entry, operand);
	}
}

/* What comes next needs descriptors, too: together they are to be no more than nsenter has open. */
static void finish(struct entry *entry, const struct join *join, int pidfd)
{
	(void)close(join->fd);
	if (join->namespace->flag == CLONE_NEWPID)
		entry->member = pidfd;
	entry->joined |= join->namespace->flag;
	if (join->namespace->flag == CLONE_NEWUSER)
		hide_again(entry);
}

/* The rest of what was asked for may be refused as well. */
static const char explains[] = " --explain tells all that it takes.";

static _Noreturn void fail_join(const struct entry *entry, const struct join *join, int error)
{
	char text[512];
	const char *hint = NULL;

	if (error == EPERM)
		hint = why_not_joined(entry, join->namespace->proc, join->namespace->flag, join->fd, text, sizeof(text));
	if (hint == text && strlen(text) + sizeof(explains) <= sizeof(text))
		strcat(text, explains);
	if (error == EINVAL && join->namespace->flag == CLONE_NEWUSER)
		hint = user_was_meant(entry, text, sizeof(text));
	if (!hint && error == EINVAL && join->namespace->flag == CLONE_NEWUSER)
		hint = "It is the user namespace that the caller is in already, which cannot be entered again.";
	else if (error == EINVAL && join->namespace->flag == CLONE_NEWPID)
		hint = "A PID namespace can only be entered from itself or from one above it.";
	fail(entry, EXIT_OWN_FAILURE, error, hint, "enter", join->namespace->name, " namespace of ", entry->from, NULL);
}

static void join_one_by_one(struct entry *entry, const struct joins *joins, bool tolerant)
{
	for (size_t i = 0; i < joins->count; i++) {
		const struct join *join = joins->list + i;

		if (setns(join->fd, join->namespace->flag) == 0)
			finish(entry, join, joins->pidfd);
		else if (!tolerant)
			fail_join(entry, join, errno);
	}
}

static void join_all(struct entry *entry, const char *operand, bool tolerant)
{
	struct joins joins;
	int flags = 0;

	parse_joins(entry, operand, &joins);
	if (joins.count == 0)
		return;
	if (joins.pidfd < 0) {
		join_one_by_one(entry, &joins, tolerant);
		return;
	}
	for (size_t i = 0; i < joins.count; i++)
		flags |= joins.list[i].namespace->flag;
	if (setns(joins.pidfd, flags) == 0) {
		for (size_t i = 0; i < joins.count; i++)
			finish(entry, joins.list + i, joins.pidfd);
	} else if (errno != ESRCH) {
		/*
		 * EPERM: one by one, what the first ones grant counts for the next. EINVAL: before Linux 5.8 setns(2)
		 * takes no pidfd. Whatever the reason is, the namespace that is at fault gets named. ESRCH: the target has
		 * ended, and what is left of it is not entered.
		 */
		join_one_by_one(entry, &joins, tolerant);
	} else if (!tolerant) {
		fail_join(entry, joins.list, errno);
	}
}

void step_setns(struct entry *entry, const char *operand)
{
	join_all(entry, operand, false);
}

void step_try_setns(struct entry *entry, const char *operand)
{
	join_all(entry, operand, true);
}
