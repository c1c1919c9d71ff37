/* SPDX-License-Identifier: MIT */
/* The table of steps, and how they are carried out: each in its turn, then the program. */
#include "steps/steps.h"

#include <limits.h>
#include <string.h>
#include <sys/prctl.h>

/* Not constant: a sealed start relocates no constants (native/start.c). */
static struct step {
	const char *name;
	size_t length;
	void (*run)(struct entry *entry, const char *operand);
} steps[] = {
#define STEP(word, function) { word, sizeof(word) - 1, step_##function },
	STEPS(STEP)
#undef STEP
};

static const struct step *find_step(const struct entry *entry, const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (steps[i].length == length && memcmp(steps[i].name, word, length) == 0)
			return steps + i;
	fail_word(entry, word);
}

static const char *operand_of(const char *word)
{
	const char *equals = strchr(word, '=');

	return equals ? equals + 1 : "";
}

void execute_steps(struct entry *entry)
{
	/* All are known before the first is executed. */
	for (char **word = entry->words; *word; word++)
		if (find_step(entry, *word)->run == step_failure_status)
			step_failure_status(entry, operand_of(*word));
	entry->next = entry->words;
	while (*entry->next) {
		const char *word = *entry->next++;

		find_step(entry, word)->run(entry, operand_of(word));
	}
	if (entry->operands[0])
		execute_program(entry);
	execute_shell(entry);
}

/* What is executed by descriptor is called by that one's number, or by its memfd's (proc_pid_comm(5)). */
void take_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	(void)prctl(PR_SET_NAME, slash ? slash + 1 : path, 0L, 0L, 0L);
}

void execute_command_line(int argc, char **argv, char **environment, void (*release)(void))
{
	struct entry entry = {
		NEW_ENTRY,
		.name = argc > 0 ? argv[0] : NULL,
		.environment = environment,
		.release = release,
	};
	int first = argc > 1 && !*argv[1] ? 2 : 1, end = first;

	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (end >= argc)
		fail_word(&entry, "without --");
	take_name(argv[0]);
	argv[end] = NULL;
	entry.words = argv + first;
	entry.called_with = entry.operands = argv + end + 1;
	execute_steps(&entry);
}

/* COUNT: so many of the words behind `--` are tsenter's own */
void step_skip(struct entry *entry, const char *operand)
{
	unsigned long count = whole_number(entry, operand, INT_MAX);

	for (char **word = entry->called_with; count > 0; count--)
		if (!*word++)
			fail_word(entry, operand);
	entry->operands = entry->called_with + whole_number(entry, operand, INT_MAX);
}
