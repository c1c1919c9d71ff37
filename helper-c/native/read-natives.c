/* SPDX-License-Identifier: MIT */
/* What of the Sys interface (src/sys/sys.ts) reads files, directories and answers, beside what every start reads. */
#define _GNU_SOURCE
#include "entry/clock.h"
#include "entry/own-descriptors.h"
#include "native/inside.h"
#include "native/json.h"
#include "native/rare-natives.h"
#include "native/read.h"
#include "native/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* As read_to_end (read.h) gives it. */
static JSValue content_or_throw(JSContext *context, int fd, size_t most, const char *part, long deadline)
{
	size_t length = 0;
	char *bytes = read_to_end(context, fd, most, part, deadline, &length);
	JSValue text = bytes ? text_from_bytes(context, bytes, length) : throw_errno(context, "read");

	js_free(context, bytes);
	return text;
}

NATIVE(read_content)
{
	const char *part = count > 2 ? bytes_of_text(context, arguments[2], NULL) : NULL;

	(void)self;
	return content_or_throw(context, integer(context, arguments[0]), (size_t)integer(context, arguments[1]), part, 0);
}

/*
 * What a child prints (print_apart), at most so many bytes of it: whoever is inside may stop it, and a file system of theirs hold it, so for two
 * seconds. An exception of this side's own; or undefined, with the child's *STATUS, where it has not printed all.
 */
static JSValue printed_apart(JSContext *context, int user_namespace, int directory, JSValueConst name, JSValueConst most, int *status)
{
	const char *file = bytes_of_text(context, name, NULL);
	long deadline = milliseconds() + 2000;
	JSValue text;
	pid_t child;
	int output;

	if (!file)
		return JS_EXCEPTION;
	child = print_apart(user_namespace, directory, file, &output);
	if (child < 0)
		return throw_errno(context, "clone");
	text = content_or_throw(context, output, (size_t)integer(context, most), NULL, deadline);
	*status = how_printed(child, output);
	(void)close(output);
	if (*status == 0 || (JS_IsException(text) && milliseconds() < deadline))
		return text;
	JS_FreeValue(context, JS_IsException(text) ? JS_GetException(context) : text);
	return JS_UNDEFINED;
}

NATIVE(read_inside)
{
	int status;

	UNUSED();
	return printed_apart(context, integer(context, arguments[0]), integer(context, arguments[1]), arguments[2], arguments[3], &status);
}

NATIVE(read_in_root)
{
	int status = 0;
	JSValue text = printed_apart(context, -1, integer(context, arguments[0]), arguments[1], arguments[2], &status);

	UNUSED();
	if (!JS_IsUndefined(text))
		return text;
	errno = status > 0 ? status : ETIMEDOUT;
	return throw_errno(context, "open");
}

NATIVE(read_link)
{
	const char *path = bytes_of_text(context, arguments[0], NULL);
	char target[PATH_MAX];
	ssize_t length;

	UNUSED();
	if (!path)
		return JS_EXCEPTION;
	length = readlink(path, target, sizeof(target));
	return length < 0 ? throw_errno(context, "readlink") : text_from_bytes(context, target, (size_t)length);
}

NATIVE(beginning)
{
	char bytes[16384];
	size_t most = (size_t)integer(context, arguments[1]);
	ssize_t length = pread(integer(context, arguments[0]), bytes, most < sizeof(bytes) ? most : sizeof(bytes), 0);

	UNUSED();
	return length < 0 ? throw_errno(context, "pread") : text_from_bytes(context, bytes, (size_t)length);
}

NATIVE(list_directory)
{
	int fd = integer(context, arguments[0]);
	const bool directories = count > 1 && !JS_IsUndefined(arguments[1]);
	JSValue names = JS_NewArray(context);
	char bytes[8192] __attribute__((aligned(8)));
	uint32_t index = 0;
	long length;

	(void)self;
	while ((length = syscall(SYS_getdents64, fd, bytes, sizeof(bytes))) > 0)
		for (long at = 0; at < length;) {
			const struct record *entry = (const void *)(bytes + at);
			const char *name = entry->name;

			at += entry->length;
			if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
				continue;
			if (!directories || entry->type == DT_DIR)
				(void)JS_SetPropertyUint32(context, names, index++, text_from_bytes(context, name, strlen(name)));
		}
	if (length == 0)
		return names;
	JS_FreeValue(context, names);
	return throw_errno(context, "getdents64");
}

/* readJson(fd, most, wanted, part) */
NATIVE(read_json)
{
	const char *wanted = bytes_of_text(context, arguments[2], NULL);
	size_t length = 0, part_length = 0;
	const bool has_part = count > 3 && !JS_IsUndefined(arguments[3]);
	const char *part = has_part ? bytes_of_text(context, arguments[3], &part_length) : "";
	char *bytes = read_to_end(context, integer(context, arguments[0]), (size_t)integer(context, arguments[1]), NULL, 0, &length);
	bool is_malformed = false;
	JSValue found = JS_UNDEFINED;

	(void)self;
	if (!wanted || !part)
		return JS_EXCEPTION;
	if (!bytes)
		return throw_errno(context, "read");
	if (memmem(bytes, length, part, part_length))
		found = pick_json(context, bytes, length, wanted, &is_malformed);
	js_free(context, bytes);
	if (!is_malformed)
		return found;
	JS_FreeValue(context, found);
	errno = EBADMSG;
	return throw_errno(context, "read");
}

/* Connected, or -1 with errno. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)strcpy(address.sun_path, path);
	/* Whose queue is full is asked later, by somebody else (unix(7)). */
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)(const void *)&address, sizeof(address)) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

/* The whole answer comes within two seconds, or none. */
NATIVE(ask)
{
	size_t length = 0;
	const char *path = bytes_of_text(context, arguments[0], NULL);
	const char *bytes = bytes_of_text(context, arguments[1], &length);
	JSValue answer;
	int fd;

	UNUSED();
	if (!path || !bytes)
		return JS_EXCEPTION;
	fd = connect_to(path);
	if (fd < 0)
		return throw_errno(context, "connect");
	answer = send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length ?
			 content_or_throw(context, fd, (size_t)integer(context, arguments[2]), NULL, milliseconds() + 2000) :
			 throw_errno(context, "send");
	(void)close(fd);
	return answer;
}

NATIVE(status_of_descriptor)
{
	struct stat file;
	JSValue object;

	UNUSED();
	if (fstat(integer(context, arguments[0]), &file))
		return throw_errno(context, "fstat");
	object = JS_NewObject(context);
	(void)JS_SetPropertyStr(context, object, "mode", JS_NewInt64(context, file.st_mode));
	(void)JS_SetPropertyStr(context, object, "uid", JS_NewInt64(context, file.st_uid));
	(void)JS_SetPropertyStr(context, object, "gid", JS_NewInt64(context, file.st_gid));
	return object;
}

static const JSCFunctionListEntry read_natives[] = {
	JS_CFUNC_DEF("read", 2, read_content),
	JS_CFUNC_DEF("readInside", 4, read_inside),
	JS_CFUNC_DEF("readInRoot", 3, read_in_root),
	JS_CFUNC_DEF("readLink", 1, read_link),
	JS_CFUNC_DEF("beginning", 2, beginning),
	JS_CFUNC_DEF("list", 2, list_directory),
	JS_CFUNC_DEF("readJson", 4, read_json),
	JS_CFUNC_DEF("ask", 3, ask),
	JS_CFUNC_DEF("status", 1, status_of_descriptor),
};

void add_read_natives(JSContext *context, JSValueConst object)
{
	JS_SetPropertyFunctionList(context, object, read_natives, sizeof(read_natives) / sizeof(*read_natives));
}
