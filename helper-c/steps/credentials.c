/* SPDX-License-Identifier: MIT */
/* Who the program is. */
#define _GNU_SOURCE
#include "entry/hint.h"
#include "steps/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The kernel's own calls, here and for the ids: the library's would make all threads do the same, of which there are none, and change
 * the signal mask on the way.
 */
static long drop_groups(void)
{
	return syscall(SYS_setgroups, 0, NULL);
}

void step_try_drop_groups(struct entry *entry, const char *operand)
{
	(void)operand;
	entry->groups_dropped = drop_groups() == 0;
}

/* setgroups(2) failed, and not because a right is missing (user_namespaces(7)); where /proc does not tell, that may be. */
static bool is_denied_inside(int error)
{
	if (error != EPERM || !has_capability(CAP_SETGID))
		return false;

	char text[8] = "";
	int fd = open("/proc/thread-self/setgroups", O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool is_told = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0;

	if (fd >= 0)
		(void)close(fd);
	return !is_told || strncmp(text, "allow", 5) != 0;
}

void step_drop_groups(struct entry *entry, const char *operand)
{
	(void)operand;
	if (drop_groups() == 0 || entry->groups_dropped)
		return;
	int error = errno;

	if (getgroups(0, NULL) == 0)
		return;
	fail(entry, EXIT_OWN_FAILURE, error,
	     is_denied_inside(error) ?
		     "The user namespace denies setgroups(2): --preserve-credentials leaves ids and groups as they are." :
		     why_not_permitted(error, CAP_SETGID, "CAP_SETGID",
				       "The caller lacks CAP_SETGID; --preserve-credentials leaves ids and groups as they are."),
	     "drop", "supplementary groups", NULL);
}

void step_keep_caps(struct entry *entry, const char *operand)
{
	(void)operand;
	if (prctl(PR_SET_KEEPCAPS, 1L, 0L, 0L, 0L))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "keep", "capabilities", NULL);
}

static const char *id_hint(int error, unsigned int capability, const char *name, const char *lacks)
{
	if (error == EINVAL)
		return "The user namespace maps no such id: --explain shows its maps, --preserve-credentials leaves the ids as they are.";
	return why_not_permitted(error, capability, name, lacks);
}

/* GID,…: one word is as long as argv may have it, so there are not more. */
enum { MAX_GROUPS = 65536 };

void step_groups(struct entry *entry, const char *operand)
{
	size_t size = MAX_GROUPS * sizeof(gid_t), count = 0;
	gid_t *groups = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (groups == MAP_FAILED)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "allocate", "memory", NULL);
	while (*operand) {
		if (count == MAX_GROUPS)
			fail_word(entry, operand);
		groups[count++] = (gid_t)take_number(entry, &operand, UINT_MAX);
		if (*operand && *operand++ != ',')
			fail_word(entry, operand);
	}
	if (syscall(SYS_setgroups, count, groups))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     is_denied_inside(errno) ?
			     "The user namespace denies setgroups(2)." :
			     id_hint(errno, CAP_SETGID, "CAP_SETGID", "The caller lacks CAP_SETGID in this user namespace."),
		     "set", "supplementary groups", NULL);
	(void)munmap(groups, size);
	hide_again(entry);
}

static void set_id(const struct entry *entry, bool is_user, unsigned int id)
{
	char digits[11];

	if (syscall(is_user ? SYS_setuid : SYS_setgid, id))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     is_user ? id_hint(errno, CAP_SETUID, "CAP_SETUID", "The caller lacks CAP_SETUID in this user namespace.") :
			       id_hint(errno, CAP_SETGID, "CAP_SETGID", "The caller lacks CAP_SETGID in this user namespace."),
		     "set", is_user ? "user id " : "group id ", write_number(digits, id), NULL);
	hide_again(entry);
}

void step_gid(struct entry *entry, const char *operand)
{
	set_id(entry, false, take_gid(entry, operand));
}

void step_uid(struct entry *entry, const char *operand)
{
	set_id(entry, true, take_uid(entry, operand));
}

void step_ambient_caps(struct entry *entry, const char *operand)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	(void)operand;
	if (syscall(SYS_capget, &header, data))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", "capabilities", NULL);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		data[i].inheritable = data[i].permitted;
	if (syscall(SYS_capset, &header, data))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "set", "inheritable capabilities", NULL);
	for (unsigned int capability = 0; capability < 64; capability++) {
		if (!(data[capability / 32].permitted & (1U << capability % 32)))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, (unsigned long)capability, 0L, 0L))
			fail(entry, EXIT_OWN_FAILURE, errno, NULL, "set", "ambient capabilities", NULL);
	}
}
