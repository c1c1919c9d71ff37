/* SPDX-License-Identifier: MIT */
/* The words of the image, and its exec. */
#define _GNU_SOURCE
#include "steps/image.h"
#include "steps/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

size_t count_words(char *const *words)
{
	size_t count = 0;

	while (words[count])
		count++;
	return count;
}

char **new_words(const struct entry *entry, size_t count)
{
	char **words = mmap(NULL, (count + 1) * sizeof(*words), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (words == MAP_FAILED)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "allocate", "memory", NULL);
	return words;
}

/* A word of this process that the image has to know as well. */
static bool is_passed_on(const char *word)
{
	size_t length = strcspn(word, "=");

	return (length == 5 && memcmp(word, "shell", length) == 0) || (length == 6 && (memcmp(word, "prefix", length) == 0 ||
										       memcmp(word, "status", length) == 0));
}

struct word {
	char text[32];
};

/* NAME=FD, for a descriptor that the image is to have and the program is not. */
static char *hand_on(const struct entry *entry, struct word *word, const char *name, int fd)
{
	char digits[11];

	if (fcntl(fd, F_SETFD, 0))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "hand on", "descriptor", NULL);
	strcpy(word->text, name);
	strcat(word->text, write_number(digits, (unsigned int)fd));
	return word->text;
}

/*
 * As soon as it is executed, the image can be looked at for a moment by whoever is inside: it gets no terminal of the caller's. With a
 * pseudo-terminal, which is stderr already, messages come out of that one, then.
 */
void execute_image(const struct entry *entry)
{
	static char none[] = "", undumpable[] = "undumpable", end[] = "--";
	static struct word messages, executing;
	char **words = new_words(entry, count_words(entry->words) + count_words(entry->operands) + 6);
	size_t at = 0;

	words[at++] = entry->name ? entry->name : none;
	words[at++] = none;
	words[at++] = undumpable;
	for (char **word = entry->words; *word; word++)
		if (is_passed_on(*word))
			words[at++] = *word;
	if (entry->status_fd >= 0 && fcntl(entry->status_fd, F_SETFD, 0))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "hand on", "descriptor", NULL);
	if (entry->messages > STDERR_FILENO && !isatty(entry->messages))
		words[at++] = hand_on(entry, &messages, "messages=", entry->messages);
	if (entry->executing >= 0)
		words[at++] = hand_on(entry, &executing, "close-on-exec=", entry->executing);
	words[at++] = end;
	for (char **word = entry->operands; *word; word++)
		words[at++] = *word;
	(void)syscall(SYS_execveat, entry->image, "", words, entry->environment, AT_EMPTY_PATH);
	/* It takes a few words more than the program does. */
	if (errno == E2BIG)
		fail(entry, EXIT_NOT_EXECUTABLE, errno, NULL, "execute", entry->operands[0] ? entry->operands[0] : "a shell", NULL);
	fail(entry, EXIT_OWN_FAILURE, errno,
	     "The image in memory that is to execute the program may not be executed; --unsealed enters without it.", "execute",
	     "sealed image", NULL);
}
