/* SPDX-License-Identifier: MIT */
/* What of the Sys interface (src/sys/sys.ts) only chunks call that need more than the basic objects. */
#define _GNU_SOURCE
#include "entry/clock.h"
#include "native/natives.h"
#include "native/text.h"

#include <dirent.h>
#include <errno.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef NS_GET_PID_FROM_PIDNS
#define NS_GET_PID_FROM_PIDNS _IOR(NSIO, 0x6, int) /* Linux 6.11 */
#endif

NATIVE(columns)
{
	struct winsize size = { 0 };

	UNUSED();
	if (ioctl(integer(context, arguments[0]), TIOCGWINSZ, &size))
		return JS_MKVAL(JS_TAG_INT, 0);
	return JS_MKVAL(JS_TAG_INT, size.ws_col);
}

/* What getdents64(2) writes. */
struct entry_of_directory {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

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
			const struct entry_of_directory *entry = (const void *)(bytes + at);
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

NATIVE(beginning)
{
	char bytes[16384];
	size_t most = (size_t)integer(context, arguments[1]);
	ssize_t length = pread(integer(context, arguments[0]), bytes, most < sizeof(bytes) ? most : sizeof(bytes), 0);

	UNUSED();
	return length < 0 ? throw_errno(context, "pread") : text_from_bytes(context, bytes, (size_t)length);
}

NATIVE(ask_namespace)
{
	int fd = integer(context, arguments[0]);
	const char *what = bytes_of_text(context, arguments[1], NULL);
	uid_t owner;

	UNUSED();
	if (!what)
		return JS_EXCEPTION;
	if (*what == 'p')
		return descriptor_or_throw(context, ioctl(fd, NS_GET_PARENT), "ioctl");
	if (*what == 'i')
		return number_or_throw(context, ioctl(fd, (int)NS_GET_PID_FROM_PIDNS, 1), "ioctl");
	return ioctl(fd, NS_GET_OWNER_UID, &owner) ? throw_errno(context, "ioctl") : JS_NewInt64(context, owner);
}

NATIVE(io_priority)
{
	UNUSED();
	return number_or_throw(context, syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, integer(context, arguments[0])), "ioprio_get");
}

/* Each costs a start a microsecond or less, so those that only names, lists and explanations need are not there before. */
static const JSCFunctionListEntry rare_natives[] = {
	JS_CFUNC_DEF("columns", 1, columns),
	JS_CFUNC_DEF("list", 2, list_directory),
	JS_CFUNC_DEF("ask", 3, ask),
	JS_CFUNC_DEF("status", 1, status_of_descriptor),
	JS_CFUNC_DEF("beginning", 2, beginning),
	JS_CFUNC_DEF("askNamespace", 2, ask_namespace),
	JS_CFUNC_DEF("ioPriority", 1, io_priority),
};

void add_rare_natives(JSContext *context)
{
	JSValue global = JS_GetGlobalObject(context), object = JS_GetPropertyStr(context, global, "native");

	JS_SetPropertyFunctionList(context, object, rare_natives, sizeof(rare_natives) / sizeof(*rare_natives));
	JS_FreeValue(context, object);
	JS_FreeValue(context, global);
}
