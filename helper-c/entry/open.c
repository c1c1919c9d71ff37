/* SPDX-License-Identifier: MIT */
/* Opening files where room may be short, or the target decides what is found. */
#define _GNU_SOURCE
#include "entry/open.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

bool is_scarcity(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM;
}

/*
 * Whether the call is there at all: it is of Linux 5.6, and a filter of system calls may know nothing of it. Asked for
 * nothing, it says EINVAL. The error of an open would not tell: a file system of the target (FUSE) can choose that.
 */
static bool has_openat2(void)
{
	return syscall(SYS_openat2, -1, NULL, NULL, (size_t)0) >= 0 || errno == EINVAL;
}

/*
 * The links of /proc (proc(5): root, cwd, exe, fd) are no paths: they lead to what another process, or this one, has open,
 * out of any root, with the rights that this process still has. The root itself is the process's by now, so that no other
 * link, nor "..", leads above it.
 *
 * Without openat2(2) they are followed. The working directory is looked at afterwards (step_inside), so that its end is
 * where it was to be, but the way there may have led elsewhere; of /etc/passwd a regular file may be read that the target
 * could not open, which tells it no more than the shell that is looked for.
 */
int open_inside(const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned int)(flags | O_CLOEXEC), .resolve = RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	int error = errno;

	if (fd < 0 && (error == ENOSYS || error == EPERM) && !has_openat2())
		return open(path, flags | O_CLOEXEC);
	errno = error;
	return fd;
}

enum { MOST_TRIES = 100 };

int open_in_root(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	/* While something is renamed or mounted, it cannot be told whether a path with .. stays below (openat2(2)). */
	for (int tries = 1;; tries++) {
		int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

		if (fd >= 0 || errno != EAGAIN || tries == MOST_TRIES)
			return fd;
	}
}

bool is_same_file(const struct stat *one, const struct stat *other)
{
	return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}
