/* SPDX-License-Identifier: MIT */
/* The table of steps, and how they are carried out: each in its turn, then the program. */
#include "steps/steps.h"

#include <string.h>

static const struct step {
	const char *name;
	void (*run)(struct entry *entry, const char *operand);
} steps[] = {
#define STEP(word, function) { word, step_##function },
	STEPS(STEP)
#undef STEP
};

static const struct step *find_step(const struct entry *entry, const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (strlen(steps[i].name) == length && memcmp(steps[i].name, word, length) == 0)
			return steps + i;
	fail_word(entry, word);
}

static _Noreturn void continue_steps(struct entry *entry)
{
	while (*entry->next) {
		const char *word = *entry->next++;
		const char *equals = strchr(word, '=');

		find_step(entry, word)->run(entry, equals ? equals + 1 : "");
	}
	if (entry->operands[0])
		execute_program(entry);
	execute_shell(entry);
}

void execute_steps(struct entry *entry, char **words)
{
	/* All are known before the first is executed. */
	for (char **word = words; *word; word++)
		(void)find_step(entry, *word);
	entry->next = words;
	entry->go_on = continue_steps;
	continue_steps(entry);
}
