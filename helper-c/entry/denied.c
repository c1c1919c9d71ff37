/* SPDX-License-Identifier: MIT */
/* Who says no to a process that has all that the kernel itself asks for: a filter, or a security module that is named where it can be. */
#define _GNU_SOURCE
#include "entry/hint.h"
#include "entry/seldom.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { MAX_CONTEXT = 512 };

/* As which a security module that may deny something knows this process. */
struct confinement {
	const char *module; /* NULL: none is known */
	char context[MAX_CONTEXT];
};

/* -1 where it is not on a file system of the kernel's: inside, a path is the target's to choose. */
static int open_kernels(const char *path, unsigned long type)
{
	struct statfs filesystem;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 || (fstatfs(fd, &filesystem) == 0 && (unsigned long)filesystem.f_type == type))
		return fd;
	(void)close(fd);
	return -1;
}

/* Its first line; false where there is none. */
static bool read_kernels(const char *path, unsigned long type, char *text, size_t size)
{
	int fd = open_kernels(path, type);
	ssize_t count = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		(void)close(fd);
	text[count > 0 ? count : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return *text;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* In a profile that only complains, or none, nothing is denied. */
static bool apparmor_denies(const char *context)
{
	return strcmp(context, "unconfined") != 0 && !ends_with(context, " (complain)") && !ends_with(context, " (unconfined)");
}

/* Inside there may be no selinuxfs to ask. */
static bool selinux_denies(void)
{
	char enforce[8];

	return !read_kernels("/sys/fs/selinux/enforce", SELINUX_MAGIC, enforce, sizeof(enforce)) || *enforce != '0';
}

static void take(struct confinement *found, const char *module, const char context[MAX_CONTEXT], bool denies)
{
	if (!denies || found->module)
		return;
	found->module = module;
	memcpy(found->context, context, MAX_CONTEXT);
}

/* lsm_get_self_attr(2), Linux 6.8: it needs no /proc. */
static void ask_kernel(struct confinement *found)
{
	enum { GET_SELF_ATTR = 459, CURRENT = 100, SELINUX = 101, SMACK = 102, APPARMOR = 104 };
	/* struct lsm_ctx, and behind it the context, which need not end with NUL */
	struct {
		uint64_t module, flags, length, context_length;
	} one;
	uint64_t answer[1024];
	uint32_t size = sizeof(answer);
	long count = syscall(GET_SELF_ATTR, CURRENT, answer, &size, 0U);
	char context[MAX_CONTEXT] = "";

	for (const char *at = (const char *)answer; count > 0; count--, at += one.length) {
		memcpy(&one, at, sizeof(one));
		if (one.context_length >= sizeof(context))
			one.context_length = sizeof(context) - 1;
		memcpy(context, at + sizeof(one), one.context_length);
		context[one.context_length] = '\0';
		if (one.module == APPARMOR)
			take(found, "AppArmor", context, apparmor_denies(context));
		else if (one.module == SELINUX)
			take(found, "SELinux", context, selinux_denies());
		else if (one.module == SMACK)
			take(found, "Smack", context, true);
	}
}

/* Before: AppArmor and Smack have files of their own (Linux 5.8, 5.0), what else is `user:role:type` is SELinux's. */
static void ask_proc(struct confinement *found)
{
	char text[MAX_CONTEXT] = "";

	if (read_kernels("/proc/thread-self/attr/apparmor/current", PROC_SUPER_MAGIC, text, sizeof(text)))
		take(found, "AppArmor", text, apparmor_denies(text));
	if (read_kernels("/proc/thread-self/attr/smack/current", PROC_SUPER_MAGIC, text, sizeof(text)))
		take(found, "Smack", text, true);
	if (read_kernels("/proc/thread-self/attr/current", PROC_SUPER_MAGIC, text, sizeof(text)) && strchr(text, ':'))
		take(found, "SELinux", text, !found->module && strchr(strchr(text, ':') + 1, ':') && selinux_denies());
}

/* Leaves errno as it is, which is what the message is about. */
static struct confinement confinement(void)
{
	struct confinement found = { .module = NULL };
	int error = errno;

	ask_kernel(&found);
	if (!found.module)
		ask_proc(&found);
	errno = error;
	return found;
}

/* Not constant: a sealed start relocates no constants (native/start.c). */
static SELDOM_WRITTEN char sentence[2 * MAX_CONTEXT + 512];

const char *denied_to_capable(void)
{
	static const char beginning[] = "The caller has every capability that this takes: ";
	struct confinement by = confinement();
	bool is_filtered = prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L) != 0;

	if (by.module)
		return compose(sentence, sizeof(sentence), beginning, is_filtered ? "a seccomp filter denies it, or " : "", by.module,
			       is_filtered ? " to " : " denies it to ", by.context, ".", NULL);
	return compose(sentence, sizeof(sentence), beginning, is_filtered ? "a seccomp filter or " : "",
		       "a security module denies it.", NULL);
}

const char *denied_by_module(const char *what)
{
	struct confinement by = confinement();

	return by.module ? compose(sentence, sizeof(sentence), by.module, " denies it to ", by.context, what, NULL) : NULL;
}

/* Of a line `NAME:\tHEX`; of a long file the end of what was read before is kept, which may be the beginning of the line. */
static bool read_capabilities(int fd, const char *name, unsigned long long *capabilities)
{
	char text[4096];
	size_t wanted = strlen(name) + 16, length = 0;
	ssize_t count;

	while ((count = read(fd, text + length, sizeof(text) - 1 - length)) > 0) {
		const char *found;

		length += (size_t)count;
		text[length] = '\0';
		found = strstr(text, name);
		if (found && strlen(found) >= wanted) {
			*capabilities = strtoull(found + strlen(name), NULL, 16);
			return true;
		}
		if (length > wanted) {
			memmove(text, text + length - wanted, wanted);
			length = wanted;
		}
	}
	return false;
}

/* The kernel's own word, whatever a module makes of it in capget(2); false where it is not to be had. */
static bool is_effective(unsigned int capability)
{
	unsigned long long capabilities = 0;
	int error = errno, fd = open_kernels("/proc/thread-self/status", PROC_SUPER_MAGIC);

	if (fd >= 0) {
		(void)read_capabilities(fd, "CapEff:\t", &capabilities);
		(void)close(fd);
	}
	errno = error;
	return capabilities >> capability & 1;
}

const char *taken_by_module(unsigned int capability, const char *name)
{
	struct confinement by = confinement();

	if (!by.module || has_capability(capability) || !is_effective(capability))
		return NULL;
	return compose(sentence, sizeof(sentence), "The caller has ", name, ", which ", by.module, " denies to ", by.context, ".", NULL);
}

const char *why_not_permitted(int error, unsigned int capability, const char *name, const char *lacks)
{
	const char *taken;

	if (error != EPERM)
		return NULL;
	if (has_capability(capability))
		return denied_to_capable();
	taken = taken_by_module(capability, name);
	return taken ? taken : lacks;
}
