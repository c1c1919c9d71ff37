/* SPDX-License-Identifier: MIT */
/* tsenter-helper STEP... -- [WORD...] */
#include "entry/privileged.h"
#include "steps/steps.h"

int main(int argc, char **argv, char **environment)
{
	refuse_privileged_file(argc > 0 ? argv[0] : NULL);
	execute_command_line(argc, argv, environment);
}
