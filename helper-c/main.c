/* SPDX-License-Identifier: MIT */
/* tsenter-helper STEP... -- [PROGRAM [ARGUMENT...]] */
#include "entry/privileged.h"
#include "steps/steps.h"

#include <string.h>
#include <unistd.h>

int main(int argc, char **argv, char **environment)
{
	struct entry entry = {
		NEW_ENTRY,
		.environment = environment,
	};
	int end = 1;

	refuse_privileged_file();
	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (end >= argc)
		fail_word(&entry, "without --");
	argv[end] = NULL;
	entry.operands = argv + end + 1;
	execute_steps(&entry, argv + 1);
}
