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

/* Keeps the engine's own from a child, which then costs less to make: it is used no more. */
void withhold_memory(void);

/* Gives that back to the kernel. */
void forget_memory(void);

/* Gives back the memory that outlives the engine: nothing of it is used any more. */
void release_kept_memory(void);

#endif
