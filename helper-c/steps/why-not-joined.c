/* SPDX-License-Identifier: MIT */
/* Why setns(2) said EPERM: which capability is missing, and in which user namespace. */
#define _GNU_SOURCE
#include "entry/hint.h"
#include "entry/open.h"
#include "steps/steps.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * Whether this process has it in a user namespace: in its own, or, whatever it has there, in all below one that its user has made
 * (user_namespaces(7)). Those that are neither are not shown.
 */
static bool has_capability_in(int user_namespace, const struct stat *own, unsigned int capability)
{
	struct stat here;
	uid_t owner;
	int parent;

	if (fstat(user_namespace, &here))
		return false;
	if (is_same_file(&here, own))
		return has_capability(capability);
	parent = ioctl(user_namespace, NS_GET_PARENT);
	if (parent < 0 || fstat(parent, &here))
		return false;
	bool is_owner = is_same_file(&here, own) && ioctl(user_namespace, NS_GET_OWNER_UID, &owner) == 0 && owner == geteuid();
	bool has = is_owner || has_capability_in(parent, own, capability);

	(void)close(parent);
	return has;
}

static const char *missing_in_own(bool is_mount)
{
	bool chroot_is_missing = is_mount && !has_capability(CAP_SYS_CHROOT);

	if (has_capability(CAP_SYS_ADMIN))
		return chroot_is_missing ? "CAP_SYS_CHROOT" : NULL;
	return chroot_is_missing ? "CAP_SYS_ADMIN and CAP_SYS_CHROOT" : "CAP_SYS_ADMIN";
}

static const char *taken(bool is_mount)
{
	const char *sentence = taken_by_module(CAP_SYS_ADMIN, "CAP_SYS_ADMIN");

	return sentence || !is_mount ? sentence : taken_by_module(CAP_SYS_CHROOT, "CAP_SYS_CHROOT");
}

const char *why_not_joined(const struct entry *entry, const char *proc, int flag, int fd, char *text, size_t size)
{
	bool is_user = flag == CLONE_NEWUSER;
	struct stat entered, owner, own;
	struct statfs filesystem;
	char name[64], owner_name[64], own_name[64];
	const char *missing = taken(flag == CLONE_NEWNS);
	int owner_fd;

	if (missing)
		return missing;
	/* A pidfd, in the place of a file that may not be opened. */
	if (fstatfs(fd, &filesystem) || filesystem.f_type != NSFS_MAGIC)
		return why_not_permitted(EPERM, CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "The caller lacks CAP_SYS_ADMIN.");
	owner_fd = is_user ? fd : ioctl(fd, NS_GET_USERNS);
	if (fstat(fd, &entered) || stat("/proc/self/ns/user", &own))
		return NULL;
	(void)snprintf(name, sizeof(name), "%s:[%lu]", proc, (unsigned long)entered.st_ino);
	(void)snprintf(own_name, sizeof(own_name), "user:[%lu]", (unsigned long)own.st_ino);
	if (owner_fd < 0 || fstat(owner_fd, &owner))
		return compose(text, size, "The caller lacks CAP_SYS_ADMIN in the user namespace that owns ", name,
			       ", which is not below its own.", NULL);
	(void)snprintf(owner_name, sizeof(owner_name), "user:[%lu]", (unsigned long)owner.st_ino);
	if (!has_capability_in(owner_fd, &own, CAP_SYS_ADMIN))
		return is_user ? compose(text, size, "The caller lacks CAP_SYS_ADMIN in ", name,
					 ", the namespace that it would enter.", NULL) :
				 compose(text, size, "The caller lacks CAP_SYS_ADMIN in ", owner_name, ", which owns ", name, ".", NULL);
	missing = is_user ? NULL : missing_in_own(flag == CLONE_NEWNS);
	if (!missing)
		return denied_to_capable();
	if (is_same_file(&owner, &own) || entry->joined & CLONE_NEWUSER)
		return compose(text, size, "The caller lacks ", missing, " in its own ", own_name, ".", NULL);
	return compose(text, size, "The caller lacks ", missing, " in its own ", own_name, ", not in ", owner_name, ", which owns ",
		       name, ": enter that as well, by --user or --all.", NULL);
}
