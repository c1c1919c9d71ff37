/* SPDX-License-Identifier: MIT */
/* Root and working directory. */
#define _GNU_SOURCE
#include "entry/entry.h"
#include "entry/open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

void step_chroot(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd) || chroot("."))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     errno == EPERM ? "Needs CAP_SYS_CHROOT in the user namespace that is entered." : NULL, "change",
		     "root directory to ", label, NULL);
}

void step_chdir(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "change", "working directory to ", label, NULL);
}

void step_chdir_path(struct entry *entry, const char *operand)
{
	if (chdir(operand))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "change", "working directory to ", operand, NULL);
}

void step_chdir_inside(struct entry *entry, const char *operand)
{
	int fd = open_inside(operand, O_PATH | O_DIRECTORY);

	if (fd < 0 || fchdir(fd))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     errno == ELOOP ? "A link there leads in a circle, or is one of those of /proc that lead out of any root." :
				      NULL,
		     "change", "working directory inside to ", operand, NULL);
	(void)close(fd);
}

static bool is_same(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

/*
 * The kernel's own words begin with "(unreachable)" where the root is not above the working directory (getcwd(2)); the
 * library's call would hide that. It has none for a directory that was removed, or is too deep: then those above it tell,
 * which is also the way that a program would take out of it. What is above the root is the root. Leaves the directory.
 */
static bool is_below_root(void)
{
	char path[PATH_MAX];
	struct stat here, above, root;

	while (syscall(SYS_getcwd, path, sizeof(path)) < 0)
		if (stat(".", &here) || chdir("..") || stat(".", &above))
			return false;
		else if (is_same(&here, &above))
			return stat("/", &root) == 0 && is_same(&here, &root);
	return *path == '/';
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
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "change", "working directory to ", operand, NULL);
	(void)close(fd);
}
