/* SPDX-License-Identifier: MIT */
/* What was meant by the word that is taken for the program, and is none: habits from other programs, and values without their '='. */
#define _GNU_SOURCE
#include "entry/hint.h"
#include "steps/steps.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Not constant: a sealed start relocates no constants (native/start.c). */
static struct option {
	char name[24];
	char letter;
	char value;
} options[] = {
#define OPTION(name, letter, value, files) { name, letter, value },
	OPTIONS(OPTION)
#undef OPTION
};

/* `-w /root`: the value of -w has to be in the same word, so that this one is the program. */
static const struct option *optional_value_before(const struct entry *entry)
{
	const char *word = entry->operands > entry->called_with ? entry->operands[-1] : "";
	size_t length = strlen(word);

	if (*word != '-' || length < 2 || strchr(word, '='))
		return NULL;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		bool is_last = word[1] == '-' ? strcmp(word + 2, options[i].name) == 0 : word[length - 1] == options[i].letter;

		if (is_last && options[i].value == OPTIONAL_VALUE)
			return options + i;
	}
	return NULL;
}

/* A directory, or a namespace (ioctl_ns(2)): neither can be executed. */
static bool cannot_be_program(const char *path)
{
	struct stat file;
	struct statfs filesystem;

	return (stat(path, &file) == 0 && S_ISDIR(file.st_mode)) ||
	       (statfs(path, &filesystem) == 0 && filesystem.f_type == NSFS_MAGIC);
}

#define OR_EQUAL(word) || strcasecmp(name, word) == 0

static bool has_directory(const char *name)
{
	return false DIRECTORY_OPTIONS(OR_EQUAL);
}

static bool has_signal(const char *name)
{
	return false SIGNAL_OPTIONS(OR_EQUAL);
}

static bool is_digits(const char *word)
{
	return *word && !word[strspn(word, "0123456789")];
}

static bool is_signal(const char *word)
{
	const char *name = strncasecmp(word, "SIG", 3) == 0 ? word + 3 : word;

	return is_digits(word) SIGNAL_NAMES(OR_EQUAL);
}

#undef OR_EQUAL

/* Not constant: as the options. */
static char aspects[][16] = {
#define ASPECT(name) name,
	ASPECTS(ASPECT)
#undef ASPECT
};

static bool is_aspect(const char *word, size_t length)
{
	size_t sign = *word == '+' || *word == '-';

	for (size_t i = 0; i < sizeof(aspects) / sizeof(*aspects); i++)
		if (strlen(aspects[i]) == length - sign && memcmp(aspects[i], word + sign, length - sign) == 0)
			return true;
	return false;
}

/* NAME,…, each with a sign or without one */
static bool is_aspects(const char *list)
{
	size_t length = strcspn(list, ",");

	while (length > 0 && is_aspect(list, length)) {
		if (!list[length])
			return true;
		list += length + 1;
		length = strcspn(list, ",");
	}
	return false;
}

/* A line of /etc/passwd as it is found here begins with the name. */
static bool has_user(const char *name, size_t length)
{
	char buffer[4096];
	size_t matched = 0, left = MAX_PASSWD;
	bool found = false;
	ssize_t count;
	int fd = open_regular("/etc/passwd");

	if (fd < 0)
		return false;
	while (!found && left > 0 && (count = read(fd, buffer, sizeof(buffer))) > 0) {
		left -= (size_t)count < left ? (size_t)count : left;
		for (ssize_t i = 0; i < count && !found; i++) {
			bool goes_on = matched < length ? buffer[i] == name[matched] : matched == length && buffer[i] == ':';

			found = goes_on && matched == length;
			/* Behind a character that differs the line has to end first. */
			matched = buffer[i] == '\n' ? 0 : goes_on ? matched + 1 : length + 1;
		}
	}
	(void)close(fd);
	return found;
}

/* `1000`, `web`, `web:staff`: as docker's -u and --user have it. */
static bool is_user(const char *word)
{
	size_t length = strcspn(word, ":");

	return length > 0 && !strchr(word, '/') && (strspn(word, "0123456789") == length || has_user(word, length));
}

/* Of the program's name, which is at PATH if anything is. A directory that was meant may be the caller's, and is looked for inside. */
static bool may_be_value(const struct option *option, const char *name, const char *path)
{
	if (strchr(name, '/') && cannot_be_program(name))
		return true;
	return !path && ((has_directory(option->name) && *name == '/' && !is_shell(name)) ||
			 (has_signal(option->name) && is_signal(name)) || (strcmp(option->name, "as-target") == 0 && is_aspects(name)));
}

/* As docker's and sudo's have one there, and a program stands behind it: only the user's file could tell, which may be elsewhere. */
bool user_may_be_meant(const struct entry *entry)
{
	const struct option *option = optional_value_before(entry);

	return option && (option->letter == 'u' || strcmp(option->name, "user") == 0) && *entry->operands && entry->operands[1];
}

const char *user_was_meant(const struct entry *entry, char *text, size_t size)
{
	const struct option *option = optional_value_before(entry);
	const char *name = entry->operands[0];

	if (!option || (strcmp(option->name, "uts") != 0 && strcmp(option->name, "user") != 0) || !name || !is_user(name))
		return NULL;
	return compose(text, size, "'", name, "' is taken for the program: --", option->name,
		       " takes the file of a namespace; a user, by number or name, is --setuid=", name, NULL);
}

const char *what_was_meant(const struct entry *entry, const char *path, char *text, size_t size)
{
	const struct option *option = optional_value_before(entry);
	const char *name = entry->operands[0];

	if (option && may_be_value(option, name, path)) {
		/* The one that other programs have is inside. */
		bool is_inside = enters_files(entry) && strcmp(option->name, "wd") == 0;

		return compose(text, size, "It is taken for the program: the value of --", option->name, " needs a '=': --", option->name, "=",
			       name, is_inside ? ", which is the caller's; as it is found inside it is --wdns=" : "", is_inside ? name : "",
			       NULL);
	}
	if (path)
		return NULL;
	/* As docker's -e has it. */
	if (*name != '=' && name[strcspn(name, "=/")] == '=')
		return compose(text, size, "A variable of the program is set by --setenv ", name, NULL);
	if (name[strcspn(name, " ")] && *name != ' ')
		return "It is one word, blanks and all: the program and each of its arguments are words of their own.";
	return user_was_meant(entry, text, size);
}
