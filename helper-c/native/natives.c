/* SPDX-License-Identifier: MIT */
/*
 * Of the Sys interface (src/sys/sys.ts) what starts call that enter and do not fail: a system call or two each. The bundle is the only
 * caller, so arguments are what it passes.
 */
#define _GNU_SOURCE
#include "native/natives.h"

#include "entry/open.h"
#include "native/memory.h"
#include "native/text.h"
#include "steps/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

static const struct host *host;

/* Throws what the bundle makes of a failed call. */
JSValue throw_errno(JSContext *context, const char *call)
{
	int error = errno;
	JSValue errors = host->load_errors(context);
	JSValue make = JS_GetPropertyStr(context, errors, "systemError");
	JSValue arguments[] = { JS_MKVAL(JS_TAG_INT, error), JS_NewString(context, call) };
	JSValue made = JS_Call(context, make, JS_UNDEFINED, 2, arguments);

	JS_FreeValue(context, arguments[1]);
	JS_FreeValue(context, make);
	JS_FreeValue(context, errors);
	return JS_IsException(made) ? made : JS_Throw(context, made);
}

JSValue number_or_throw(JSContext *context, long result, const char *call)
{
	return result < 0 ? throw_errno(context, call) : JS_MKVAL(JS_TAG_INT, (int32_t)result);
}

/*
 * A descriptor, in the place of no standard stream that the caller closed: what opens a pseudo-terminal puts that one there, and messages
 * would be written to it.
 */
JSValue descriptor_or_throw(JSContext *context, long fd, const char *call)
{
	if (fd >= 0 && fd <= STDERR_FILENO) {
		int higher = fcntl((int)fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), error = errno;

		(void)close((int)fd);
		errno = error;
		fd = higher;
	}
	return number_or_throw(context, fd, call);
}

int integer(JSContext *context, JSValueConst value)
{
	int32_t number = -1;

	(void)JS_ToInt32(context, &number, value);
	return number;
}

NATIVE(word)
{
	const char *bytes = host->words[integer(context, arguments[0])];

	UNUSED();
	return text_from_bytes(context, bytes, strlen(bytes));
}

NATIVE(called_as)
{
	const char *name = host->name ? host->name : "";

	UNUSED();
	(void)arguments;
	return text_from_bytes(context, name, strlen(name));
}

NATIVE(is_privileged)
{
	UNUSED();
	(void)arguments;
	return JS_NewBool(context, getauxval(AT_SECURE) || getuid() != geteuid() || getgid() != getegid());
}

char **callers_environment(void)
{
	return host->environment;
}

NATIVE(variable)
{
	size_t length = 0;
	const char *name = bytes_of_text(context, arguments[0], &length);

	UNUSED();
	if (!name)
		return JS_EXCEPTION;
	for (char **entry = host->environment; *entry; entry++)
		if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
			return text_from_bytes(context, *entry + length + 1, strlen(*entry + length + 1));
	return JS_UNDEFINED;
}

NATIVE(is_terminal)
{
	UNUSED();
	return JS_NewBool(context, isatty(integer(context, arguments[0])));
}

NATIVE(write_text)
{
	int fd = integer(context, arguments[0]);
	size_t length = 0, done = 0;
	const char *bytes = bytes_of_text(context, arguments[1], &length);

	UNUSED();
	if (!bytes)
		return JS_EXCEPTION;
	while (done < length) {
		ssize_t written = write(fd, bytes + done, length - done);

		if (written >= 0) {
			done += (size_t)written;
		} else if (errno == EAGAIN) {
			struct pollfd room = { .fd = fd, .events = POLLOUT };

			(void)poll(&room, 1, -1);
		} else if (errno == EBADF) {
			/* The caller closed it: nobody wants to read this. */
			return JS_UNDEFINED;
		} else if (errno != EINTR) {
			return throw_errno(context, "write");
		}
	}
	failure_was_told = failure_was_told || fd == STDERR_FILENO;
	return JS_UNDEFINED;
}


/* The raw call: musl follows its own with a fcntl for kernels older than any that works here. */
static long open_at(int root, const char *path, int flags)
{
	return root < 0 ? syscall(SYS_openat, AT_FDCWD, path, flags) : open_in_root(root, path, flags);
}

NATIVE(open_path)
{
	/* OpenAs of src/sys/sys.ts. */
	static const struct {
		char as[10];
		int flags;
	} kinds[] = {
		{ "namespace", O_RDONLY | O_NONBLOCK | O_NOCTTY },
		{ "file", O_RDONLY | O_NONBLOCK | O_NOCTTY },
		{ "directory", O_PATH | O_DIRECTORY },
		{ "listing", O_RDONLY | O_DIRECTORY },
		{ "write", O_WRONLY | O_NOCTTY },
		{ "path", O_PATH },
		{ "input", O_RDONLY | O_NOCTTY },
	};
	const char *path = bytes_of_text(context, arguments[0], NULL);
	const char *as = bytes_of_text(context, arguments[1], NULL);
	const int root = count > 2 && !JS_IsUndefined(arguments[2]) ? integer(context, arguments[2]) : -1;

	(void)self;
	if (!path || !as)
		return JS_EXCEPTION;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].as, as) == 0)
			return descriptor_or_throw(context, open_at(root, path, kinds[i].flags | O_CLOEXEC), "open");
	errno = EINVAL;
	return throw_errno(context, "open");
}

NATIVE(close_descriptor)
{
	UNUSED();
	return number_or_throw(context, close(integer(context, arguments[0])), "close");
}

static size_t decimal(char *end, unsigned long long number)
{
	char *first = end;

	do
		*--first = (char)('0' + number % 10);
	while (number /= 10);
	return (size_t)(end - first);
}

/* Numbers as text: an inode may be larger than the engine's numbers hold exactly. */
static JSValue stat_object(JSContext *context, const struct stat *file)
{
	char text[48], *end = text + sizeof(text);
	size_t inode = decimal(end, file->st_ino), device;
	JSValue object = JS_NewObject(context);

	end[-(ptrdiff_t)inode - 1] = ':';
	device = decimal(end - inode - 1, file->st_dev);
	(void)JS_SetPropertyStr(context, object, "inode", JS_NewStringLen(context, end - inode, inode));
	(void)JS_SetPropertyStr(context, object, "identity",
				JS_NewStringLen(context, end - inode - 1 - device, inode + 1 + device));
	return object;
}

NATIVE(stat_descriptor)
{
	struct stat file;

	UNUSED();
	if (fstat(integer(context, arguments[0]), &file))
		return throw_errno(context, "fstat");
	return stat_object(context, &file);
}

NATIVE(stat_path)
{
	const char *path = bytes_of_text(context, arguments[0], NULL);
	struct stat file;

	UNUSED();
	if (!path)
		return JS_EXCEPTION;
	if (stat(path, &file))
		return errno == ENOENT || errno == ENOTDIR ? JS_UNDEFINED : throw_errno(context, "stat");
	return stat_object(context, &file);
}

NATIVE(open_process)
{
	(void)self;
	return descriptor_or_throw(context, syscall(SYS_pidfd_open, integer(context, arguments[0]), count > 1 ? PIDFD_THREAD : 0),
			       "pidfd_open");
}

NATIVE(has_ended)
{
	struct pollfd process = { .fd = integer(context, arguments[0]), .events = POLLIN };

	int ready = poll(&process, 1, 0);

	UNUSED();
	return ready < 0 ? throw_errno(context, "poll") : JS_NewBool(context, ready);
}

NATIVE(counts_as_proc)
{
	char digits[11], link[11];
	const char *own = write_number(digits, (unsigned int)getpid());
	ssize_t length = readlink("/proc/self", link, sizeof(link));

	(void)arguments;
	UNUSED();
	if (length < 0)
		return throw_errno(context, "readlink");
	return JS_NewBool(context, strlen(own) == (size_t)length && memcmp(own, link, (size_t)length) == 0);
}

/* An array of texts as NULL-terminated strings, which outlive the engine. */
static char **strings_of(JSContext *context, JSValueConst array)
{
	JSValue length_value = JS_GetPropertyStr(context, array, "length");
	int length = integer(context, length_value);
	char **strings = keep_memory((size_t)(length + 1) * sizeof(*strings));

	for (int i = 0; i < length; i++) {
		JSValue text = JS_GetPropertyUint32(context, array, (uint32_t)i);
		size_t size = 0;
		char *bytes = bytes_of_text(context, text, &size);

		JS_FreeValue(context, text);
		if (!bytes)
			return NULL;
		strings[i] = memcpy(keep_memory(size + 1), bytes, size + 1);
		js_free(context, bytes);
	}
	strings[length] = NULL;
	return strings;
}

static void release_memory(void)
{
	forget_memory();
	release_kept_memory();
}

/* execute(steps, environment or undefined): from here on the engine is not used any more. */
NATIVE(execute)
{
	struct entry entry = {
		NEW_ENTRY,
		.name = host->name,
		.is_sealed = host->is_sealed,
		.may_be_sealed = host->may_be_sealed,
		.release = release_memory,
		.called_with = host->words,
		.operands = host->words,
		.environment = host->environment,
		.withhold = withhold_memory,
	};

	UNUSED();
	entry.words = strings_of(context, arguments[0]);
	if (!JS_IsUndefined(arguments[1]))
		entry.environment = strings_of(context, arguments[1]);
	if (!entry.words || !entry.environment)
		return JS_EXCEPTION;
	host->execute(&entry);
	return JS_UNDEFINED;
}

NATIVE(chunk)
{
	UNUSED();
	return host->load_chunk(context, (unsigned int)integer(context, arguments[0]), (enum objects)integer(context, arguments[1]));
}

static const JSCFunctionListEntry natives[] = {
	JS_PROP_STRING_DEF("host", "native", JS_PROP_C_W_E),
	JS_CFUNC_DEF("at", 1, word),
	JS_CFUNC_DEF("calledAs", 0, called_as),
	JS_CFUNC_DEF("isPrivileged", 0, is_privileged),
	JS_CFUNC_DEF("variable", 1, variable),
	JS_CFUNC_DEF("isTerminal", 1, is_terminal),
	JS_CFUNC_DEF("write", 2, write_text),
	JS_CFUNC_DEF("open", 3, open_path),
	JS_CFUNC_DEF("close", 1, close_descriptor),
	JS_CFUNC_DEF("stat", 1, stat_descriptor),
	JS_CFUNC_DEF("statPath", 1, stat_path),
	JS_CFUNC_DEF("openProcess", 1, open_process),
	JS_CFUNC_DEF("hasEnded", 1, has_ended),
	JS_CFUNC_DEF("countsAsProc", 0, counts_as_proc),
	JS_CFUNC_DEF("execute", 2, execute),
	JS_CFUNC_DEF("chunk", 2, chunk),
};

void add_natives(JSContext *context, JSValueConst global, const struct host *this_host)
{
	JSValue object = JS_NewObject(context);

	host = this_host;
	JS_SetPropertyFunctionList(context, object, natives, sizeof(natives) / sizeof(*natives));
	/* It is Sys.words as well. */
	(void)JS_SetPropertyStr(context, object, "words", JS_DupValue(context, object));
	(void)JS_SetPropertyStr(context, object, "count", JS_NewInt32(context, host->word_count));
	(void)JS_SetPropertyStr(context, global, "native", object);
}
