/* SPDX-License-Identifier: MIT */
/* It is asked before the executable is relocated: no function of the C library may be called here, nor anything static hold an address. */
#include "native/guess.h"

#include "entry/vocabulary.h"

#include <stddef.h>

static const struct option {
	char name[24];
	char letter;
	char value;
	bool files;
} options[] = {
#define OPTION(name, letter, value, files) { name, letter, value, files },
	OPTIONS(OPTION)
#undef OPTION
};

enum { OPTION_COUNT = sizeof(options) / sizeof(*options) };

/* Whether a word is `--NAME`, abbreviated or with a value. */
static bool names(const char *word, const char *name, bool *has_value)
{
	word += 2;
	if (!*word)
		return false;
	while (*word && *word == *name)
		word++, name++;
	*has_value = *word == '=';
	return !*word || *has_value;
}

/* Gives whether the next word is a value. */
static bool look_at_name(const char *word, bool *files)
{
	bool has_value = false, takes_next = false;

	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (names(word, options[i].name, &has_value)) {
			*files = *files || options[i].files;
			takes_next = takes_next || (options[i].value == REQUIRED_VALUE && !has_value);
		}
	return takes_next;
}

static bool look_at_letters(const char *word, bool *files)
{
	while (*++word)
		for (size_t i = 0; i < OPTION_COUNT; i++)
			if (options[i].letter == *word) {
				*files = *files || options[i].files;
				if (options[i].value != NO_VALUE)
					return options[i].value == REQUIRED_VALUE && !word[1];
			}
	return false;
}

bool may_enter_files(char **words)
{
	static const char unsealed[] = "unsealed";
	bool files = false, has_value;

	for (; *words && (*words)[0] == '-' && (*words)[1]; words++) {
		const char *word = *words;
		bool takes_next;

		if (word[1] == '-' && (!word[2] || (word[2] == unsealed[0] && word[3] == unsealed[1] && names(word, unsealed, &has_value))))
			return word[2] ? false : files;
		takes_next = word[1] == '-' ? look_at_name(word, &files) : look_at_letters(word, &files);
		if (takes_next && words[1])
			words++;
	}
	return files;
}
