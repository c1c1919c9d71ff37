/* SPDX-License-Identifier: MIT */
/* What of the Sys interface (src/sys/sys.ts) only chunks call that need more than a few objects. */
#define _GNU_SOURCE
#include "native/rare-natives.h"
#include "native/text.h"

#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

NATIVE(describe)
{
	const char *words = describe_error(integer(context, arguments[0]));

	UNUSED();
	return text_from_bytes(context, words, strlen(words));
}

NATIVE(kernel_release)
{
	struct utsname name;

	(void)arguments;
	UNUSED();
	if (uname(&name))
		return JS_NewString(context, "");
	return JS_NewString(context, name.release);
}

NATIVE(columns)
{
	struct winsize size = { 0 };

	UNUSED();
	if (ioctl(integer(context, arguments[0]), TIOCGWINSZ, &size))
		return JS_MKVAL(JS_TAG_INT, 0);
	return JS_MKVAL(JS_TAG_INT, size.ws_col);
}

NATIVE(variables)
{
	JSValue entries = JS_NewArray(context);
	uint32_t index = 0;

	UNUSED();
	(void)arguments;
	for (char **entry = callers_environment(); *entry; entry++)
		(void)JS_SetPropertyUint32(context, entries, index++, text_from_bytes(context, *entry, strlen(*entry)));
	return entries;
}

NATIVE(io_priority)
{
	UNUSED();
	return number_or_throw(context, syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, integer(context, arguments[0])), "ioprio_get");
}

/* Each costs a start a microsecond or less, so they are not there before. */
static const JSCFunctionListEntry rare_natives[] = {
	JS_CFUNC_DEF("describe", 1, describe),
	JS_CFUNC_DEF("kernelRelease", 0, kernel_release),
	JS_CFUNC_DEF("columns", 1, columns),
	JS_CFUNC_DEF("variables", 0, variables),
	JS_CFUNC_DEF("ioPriority", 1, io_priority),
};

void add_rare_natives(JSContext *context)
{
	JSValue global = JS_GetGlobalObject(context), object = JS_GetPropertyStr(context, global, "native");

	JS_SetPropertyFunctionList(context, object, rare_natives, sizeof(rare_natives) / sizeof(*rare_natives));
	add_read_natives(context, object);
	add_namespace_natives(context, object);
	JS_FreeValue(context, object);
	JS_FreeValue(context, global);
}
