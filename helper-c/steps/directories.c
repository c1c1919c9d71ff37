/* SPDX-License-Identifier: MIT */
/* Root and working directory. */
#define _GNU_SOURCE
#include "entry/entry.h"
#include "entry/hint.h"
#include "entry/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The kernel's own words begin with "(unreachable)" where the root is not above the working directory (getcwd(2)); the
 * library's call would hide that. It has none for a directory that was removed, or is too deep: then those above it tell,
 * which is also the way that a program would take out of it. What is above the root is the root. Leaves the directory.
 */
static bool is_below_root(void)
{
	enum { LEVELS_AT_ONCE = 1024 };
	char path[PATH_MAX];
	struct stat here, above, root;

	while (syscall(SYS_getcwd, path, sizeof(path)) < 0) {
		for (size_t level = 0; level < LEVELS_AT_ONCE; level++)
			strcpy(path + level * strlen("../"), "../");
		if (stat(".", &here) || chdir(path) || stat(".", &above))
			return false;
		if (is_same_file(&here, &above))
			return stat("/", &root) == 0 && is_same_file(&here, &root);
	}
	return *path == '/';
}

/*
 * Linux 6.8: asked by its number, which no mount has had before, statmount(2) finds one in the own mount namespace only.
 * linux/mount.h may be older, and linux/stat.h is at odds with the library's.
 */
static bool is_in_own_namespace(int fd)
{
	enum { UNIQUE_MOUNT_ID = 0x4000, STATMOUNT_CALL = 457 };
	/* struct statx */
	struct {
		uint32_t mask, others[35];
		uint64_t mount, more[13];
	} file;
	struct {
		uint32_t size, spare;
		uint64_t mount, what;
	} request = { .size = sizeof(request) };
	uint64_t about[64];

	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, UNIQUE_MOUNT_ID, &file) || !(file.mask & UNIQUE_MOUNT_ID))
		return false;
	request.mount = file.mount;
	return syscall(STATMOUNT_CALL, &request, about, sizeof(about), 0U) == 0;
}

/* The only right that chdir(2) asks for is to search, which is EACCES. */
static const char *why_not_changed(int error)
{
	return error == EPERM ? denied_to_capable() : NULL;
}

/*
 * What is below the root of a mount namespace, where the process is after joining it, is in that. The root of a target that
 * something was mounted over is not, although it is in the namespace: before Linux 6.8 that is refused as well.
 */
void step_mounted(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd))
		fail(entry, EXIT_OWN_FAILURE, errno, why_not_changed(errno), "change", "root directory to ", label, NULL);
	if (!is_below_root() && !is_in_own_namespace(fd))
		fail(entry, EXIT_OWN_FAILURE, EAGAIN,
		     "It is not in the mount namespace that was entered: the target changed one of them meanwhile.", "change",
		     "root directory to ", label, NULL);
}

void step_chroot(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd) || chroot("."))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     why_not_permitted(errno, CAP_SYS_CHROOT, "CAP_SYS_CHROOT", "The caller lacks CAP_SYS_CHROOT in this user namespace."),
		     "change", "root directory to ", label, NULL);
	entry->root_is_changed = true;
}

void step_chdir(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd))
		fail(entry, EXIT_OWN_FAILURE, errno, why_not_changed(errno), "change", "working directory to ", label, NULL);
}

void step_chdir_path(struct entry *entry, const char *operand)
{
	if (chdir(operand))
		fail(entry, EXIT_OWN_FAILURE, errno, why_not_changed(errno), "change", "working directory to ", operand, NULL);
}

void step_chdir_inside(struct entry *entry, const char *operand)
{
	int fd = open_inside(operand, O_PATH | O_DIRECTORY);

	if (fd < 0 || fchdir(fd))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     errno == ELOOP ? "A link there leads in a circle, or is one of those of /proc that lead out of any root." :
				      why_not_changed(errno),
		     "change", "working directory inside to ", operand, NULL);
	(void)close(fd);
}

void step_inside(struct entry *entry, const char *operand)
{
	int fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", "working directory", NULL);
	if (!is_below_root())
		fail(entry, EXIT_OWN_FAILURE, EPERM, "It is outside of the root directory that is entered.", "change",
		     "working directory to ", operand, NULL);
	if (fchdir(fd))
		fail(entry, EXIT_OWN_FAILURE, errno, why_not_changed(errno), "change", "working directory to ", operand, NULL);
	(void)close(fd);
}
