/*
 * What target.c and launch.c share: both take their work as words in argv,
 * done from left to right, and both give up at the first failure.
 */
#ifndef TSENTER_TEST_WORDS_H
#define TSENTER_TEST_WORDS_H

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME	0x00000080
#endif

#define MAX_NUMBERS	64

static const struct {
	const char *name;
	int flag;
} unshare_flags[] = {
	{ "mount", CLONE_NEWNS },	{ "uts", CLONE_NEWUTS },
	{ "ipc", CLONE_NEWIPC },	{ "net", CLONE_NEWNET },
	{ "pid", CLONE_NEWPID },	{ "cgroup", CLONE_NEWCGROUP },
	{ "user", CLONE_NEWUSER },	{ "time", CLONE_NEWTIME },
};

/* Those whose stderr is nobody else's have that of die.h. */
static void die(const char *format, const char *detail)
	__attribute__((noreturn));

static inline void check(int rc, const char *what)
{
	if (rc < 0)
		die("%s", what);
}

/* The rest of @word behind "NAME=", or NULL when it has another name. */
static inline char *value_of(char *word, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(word, name, n) && word[n] == '=' ? word + n + 1 : NULL;
}

/* Cut "A:B" in two; dies when there is no colon. */
static inline char *cut(char *value)
{
	char *colon = strchr(value, ':');

	if (!colon)
		die("no colon in '%s'", value);
	*colon = '\0';
	return colon + 1;
}

static inline unsigned int number(const char *text)
{
	char *end = NULL;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || end == text || *end || n > 0xffffffffUL)
		die("bad number '%s'", text);
	return (unsigned int)n;
}

/* "1,2,3", or nothing at all. */
static inline size_t numbers(char *text, unsigned int *list)
{
	size_t n = 0;
	char *word;

	for (word = strtok(text, ","); word; word = strtok(NULL, ",")) {
		if (n == MAX_NUMBERS)
			die("too many numbers at '%s'", word);
		list[n++] = number(word);
	}
	return n;
}

static inline int namespace_flags(char *text)
{
	int flags = 0;
	char *word;

	for (word = strtok(text, ","); word; word = strtok(NULL, ",")) {
		size_t i, known = sizeof(unshare_flags) / sizeof(unshare_flags[0]);

		for (i = 0; i < known; i++)
			if (!strcmp(word, unshare_flags[i].name))
				break;
		if (i == known)
			die("unknown namespace '%s'", word);
		flags |= unshare_flags[i].flag;
	}
	return flags;
}

#endif
