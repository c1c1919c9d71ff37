/* SPDX-License-Identifier: MIT */
/* tsenter without Node: an engine, the bundle's bytecode, and the steps, in one static executable. */
#define _GNU_SOURCE
#include "entry/privileged.h"
#include "native/engine.h"
#include "native/memory.h"
#include "native/natives.h"
#include "native/start.h"
#include "steps/steps.h"

#include <setjmp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "chunks.h"

/* A start stays below the threshold: the collector is for those that look at a thousand containers. */
enum { MOST_STACK = 256 * 1024, COLLECT_ABOVE = 4 << 20 };

static void say(const char *text)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
}

/* A mistake in the bundle: every failure that users can cause is a message of its own. */
static _Noreturn void end_with_exception(JSContext *context)
{
	JSValue exception = JS_GetException(context);
	const char *text = JS_ToCString(context, exception);

	say("tsenter: internal error: ");
	say(text ? text : "unknown");
	say("\n");
	_exit(EXIT_OWN_FAILURE);
}

/* The first chunk is the one that every start evaluates. */
static JSValue evaluate(JSContext *context, const struct chunk *chunk)
{
	JSValue function = JS_ReadObject(context, chunk->bytecode, chunk->length, JS_READ_OBJ_BYTECODE);

	return JS_IsException(function) ? function : JS_EvalFunction(context, function);
}

/*
 * The compiler (JS_AddIntrinsicEval) is not in the executable at all; what a start that enters does not use is there
 * for the chunks that only some starts load.
 */
static void add_objects(JSContext *context, enum objects wanted)
{
	static enum objects added = FEW_OBJECTS;

	if (added < BASE_OBJECTS && wanted >= BASE_OBJECTS) {
		add_base_objects(context);
		add_rare_natives(context);
	}
	if (added < ALL_OBJECTS && wanted >= ALL_OBJECTS) {
		JS_AddIntrinsicRegExp(context);
		JS_AddIntrinsicMapSet(context);
	}
	if (added < wanted)
		added = wanted;
}

enum { COUNT = sizeof(chunks) / sizeof(*chunks) };

static JSValue load_chunk(JSContext *context, unsigned int number, enum objects objects)
{
	static JSValue loaded[COUNT];

	if (number >= COUNT)
		return JS_ThrowReferenceError(context, "no chunk %u", number);
	if (!JS_IsObject(loaded[number])) {
		add_objects(context, objects);
		loaded[number] = evaluate(context, chunks + number);
	}
	return JS_DupValue(context, loaded[number]);
}

static JSValue load_errors(JSContext *context)
{
	unsigned int number = 0;

	while (number < COUNT && strcmp(chunks[number].name, "errors") != 0)
		number++;
	return load_chunk(context, number, BASE_OBJECTS);
}

static void limit_stack(JSRuntime *runtime)
{
	struct rlimit limit;
	size_t most = MOST_STACK;

	if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur / 2 < most)
		most = (size_t)limit.rlim_cur / 2;
	JS_SetMaxStackSize(runtime, most);
}

/* The engine's frames are given up: what waits for the program keeps few pages. */
static struct entry pending;
static jmp_buf shallow;

static _Noreturn void execute(const struct entry *entry)
{
	pending = *entry;
	longjmp(shallow, 1);
}

int main(int argc, char **argv, char **environment)
{
	struct host host = {
		.is_sealed = goes_on_from_clone,
		.may_be_sealed = was_executed_by_descriptor,
		/* Before Linux 5.18 argv may be empty, and its NULL the word before the environment. */
		.name = argc > 0 ? argv[0] : NULL,
		.words = argc > 0 ? argv + 1 : argv,
		.word_count = argc > 0 ? argc - 1 : 0,
		.environment = environment,
		.load_chunk = load_chunk,
		.load_errors = load_errors,
		.execute = execute,
	};
	JSRuntime *runtime;
	JSContext *context;
	JSValue global, exports, status;
	int32_t code = EXIT_OWN_FAILURE;

	refuse_privileged_file(host.name);
	if (is_sealed_start)
		execute_command_line(argc, argv, environment, NULL);
	if (was_executed_by_descriptor)
		take_name(argv[0]);
	if (setjmp(shallow))
		execute_steps(&pending);
	populate_memory();
	runtime = JS_NewRuntime2(&memory_functions, NULL);
	limit_stack(runtime);
	JS_SetGCThreshold(runtime, COLLECT_ABOVE);
	context = JS_NewContextRaw(runtime);
	add_few_objects(context);
	global = JS_GetGlobalObject(context);
	add_natives(context, global, &host);
	exports = evaluate(context, chunks);
	if (JS_IsException(exports))
		end_with_exception(context);
	status = JS_GetPropertyStr(context, exports, "status");
	if (JS_IsException(status) || JS_ToInt32(context, &code, status))
		end_with_exception(context);
	_exit(code);
}
