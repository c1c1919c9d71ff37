/* SPDX-License-Identifier: MIT */
/* What of the Sys interface (src/sys/sys.ts) asks for namespaces otherwise than by a path, and about them. */
#define _GNU_SOURCE
#include "native/rare-natives.h"
#include "native/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef NS_GET_PID_FROM_PIDNS
#define NS_GET_PID_FROM_PIDNS _IOR(NSIO, 0x6, int) /* Linux 6.11 */
#endif

NATIVE(take_descriptor)
{
	UNUSED();
	return descriptor_or_throw(
		context, syscall(SYS_pidfd_getfd, integer(context, arguments[0]), integer(context, arguments[1]), 0),
		"pidfd_getfd");
}

NATIVE(namespace_type)
{
	UNUSED();
	return number_or_throw(context, ioctl(integer(context, arguments[0]), NS_GET_NSTYPE), "ioctl");
}

NATIVE(owning_user_namespace)
{
	UNUSED();
	return descriptor_or_throw(context, ioctl(integer(context, arguments[0]), NS_GET_USERNS), "ioctl");
}

NATIVE(socket_namespace)
{
	UNUSED();
	return descriptor_or_throw(context, ioctl(integer(context, arguments[0]), SIOCGSKNS), "ioctl");
}

/* Decimal digits up to 2^64-1; false where there are more. */
static bool parse_id(const char *digits, uint64_t *id)
{
	for (*id = 0; *digits; digits++) {
		uint64_t value = (uint64_t)(*digits - '0');

		if (*id > (UINT64_MAX - value) / 10)
			return false;
		*id = *id * 10 + value;
	}
	return true;
}

NATIVE(open_namespace_by_id)
{
	/* struct file_handle with a struct nsfs_file_handle: type and inode 0 stand for any (linux/nsfs.h, Linux 6.19). */
	struct {
		unsigned int bytes;
		int type;
		uint64_t id;
		uint32_t kind, inode;
	} handle = { .bytes = 16, .type = 0xf1 };
	const char *digits = bytes_of_text(context, arguments[0], NULL);
	int mount, fd;

	UNUSED();
	if (!digits)
		return JS_EXCEPTION;
	if (!parse_id(digits, &handle.id)) {
		errno = ESTALE;
		return throw_errno(context, "open_by_handle_at");
	}
	mount = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (mount < 0)
		return throw_errno(context, "open");
	fd = open_by_handle_at(mount, (struct file_handle *)(void *)&handle, O_RDONLY | O_CLOEXEC);
	JSValue result = descriptor_or_throw(context, fd, "open_by_handle_at");
	(void)close(mount);
	return result;
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

static const JSCFunctionListEntry namespace_natives[] = {
	JS_CFUNC_DEF("takeDescriptor", 2, take_descriptor),
	JS_CFUNC_DEF("namespaceType", 1, namespace_type),
	JS_CFUNC_DEF("owningUserNamespace", 1, owning_user_namespace),
	JS_CFUNC_DEF("socketNamespace", 1, socket_namespace),
	JS_CFUNC_DEF("openNamespaceById", 1, open_namespace_by_id),
	JS_CFUNC_DEF("askNamespace", 2, ask_namespace),
};

void add_namespace_natives(JSContext *context, JSValueConst object)
{
	JS_SetPropertyFunctionList(context, object, namespace_natives, sizeof(namespace_natives) / sizeof(*namespace_natives));
}
