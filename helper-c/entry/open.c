/* SPDX-License-Identifier: MIT */
/* Opening files where room may be short, or the target decides what is found. */
#include "entry/open.h"

#include <errno.h>

bool is_scarcity(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}
