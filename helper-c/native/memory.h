/* SPDX-License-Identifier: MIT */
#ifndef TSENTER_MEMORY_H
#define TSENTER_MEMORY_H

#include "quickjs.h"

#include <stdbool.h>

/* The engine's allocator. It never returns NULL for memory that is short: it ends the process with a message. */
extern const JSMallocFunctions memory_functions;

/* Set once a message was written: memory that is short afterwards needs no second one. */
extern bool failure_was_told;

/* With the one message that there is for that. */
_Noreturn void end_without_memory(void);

/* Makes present what every start uses. */
void populate_memory(void);

/* Memory that outlives the engine. */
void *keep_memory(size_t size);

/* Gives that back: nothing of it is used any more. */
void release_kept_memory(void);

/* Gives the rest of it back to the kernel: the engine is not used any more. */
void forget_memory(void);

#endif
