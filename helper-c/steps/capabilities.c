/* SPDX-License-Identifier: MIT */
/* What the program may do, and that it never may do more. */
#define _GNU_SOURCE
#include "entry/hint.h"
#include "steps/steps.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sets {
	uint64_t bounding, permitted, effective, inheritable, ambient;
};

static void set_capabilities(const struct entry *entry, uint64_t permitted, uint64_t effective, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	for (unsigned int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].permitted = (uint32_t)(permitted >> 32 * i);
		data[i].effective = (uint32_t)(effective >> 32 * i);
		data[i].inheritable = (uint32_t)(inheritable >> 32 * i);
	}
	if (syscall(SYS_capset, &header, data))
		fail(entry, EXIT_OWN_FAILURE, errno, errno == EPERM ? "Nobody can have more than is permitted to the caller." : NULL, "set",
		     "capabilities", NULL);
}

static uint64_t own_permitted(const struct entry *entry)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &header, data))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", "capabilities", NULL);
	return (uint64_t)data[1].permitted << 32 | data[0].permitted;
}

/*
 * Up to the last one that the kernel knows. What asks and what drops fails with EINVAL for others; a filter that answers so for one that
 * there is must not leave it: Linux has had 38 since 3.16, and what is permitted there is.
 */
static void bound(const struct entry *entry, uint64_t kept, uint64_t own)
{
	enum { ALWAYS_THERE = CAP_AUDIT_READ };

	for (unsigned long capability = 0; capability < 64; capability++) {
		const bool is_there = capability <= ALWAYS_THERE || own >> capability & 1;
		int state;

		if (kept >> capability & 1)
			continue;
		state = prctl(PR_CAPBSET_READ, capability, 0L, 0L, 0L);
		if (state < 0 && (errno != EINVAL || is_there))
			fail(entry, EXIT_OWN_FAILURE, errno, NULL, "read", "capability bounding set", NULL);
		if (state == 0 || prctl(PR_CAPBSET_DROP, capability, 0L, 0L, 0L) == 0)
			continue;
		if (state < 0)
			return;
		fail(entry, EXIT_OWN_FAILURE, errno,
		     why_not_permitted(errno, CAP_SETPCAP, "CAP_SETPCAP",
				       "The caller lacks CAP_SETPCAP in this user namespace; with --no-new-privs the bounding set may stay."),
		     "drop", "capabilities from the bounding set", NULL);
	}
}

static void raise_ambient(const struct entry *entry, uint64_t ambient)
{
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "clear", "ambient capabilities", NULL);
	for (unsigned long capability = 0; capability < 64; capability++)
		if (ambient >> capability & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0L, 0L))
			fail(entry, EXIT_OWN_FAILURE, errno, NULL, "set", "ambient capabilities", NULL);
}

/*
 * A change of the user id may have left what is permitted without effect. The bounding set is dropped from while CAP_SETPCAP counts; an ambient
 * one has to be permitted and inheritable, so those come before the rest is given up (capabilities(7)).
 */
void step_capabilities(struct entry *entry, const char *operand)
{
	struct sets sets;
	uint64_t *const all[] = { &sets.bounding, &sets.permitted, &sets.effective, &sets.inheritable, &sets.ambient };
	uint64_t own = own_permitted(entry);

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (i > 0 && *operand++ != ':')
			fail_word(entry, operand);
		*all[i] = take_set(entry, &operand);
	}
	if (*operand)
		fail_word(entry, operand);
	set_capabilities(entry, own, own, sets.inheritable);
	raise_ambient(entry, sets.ambient);
	bound(entry, sets.bounding, own);
	set_capabilities(entry, sets.permitted, sets.effective, sets.inheritable);
	hide_again(entry);
}

void step_no_new_privs(struct entry *entry, const char *operand)
{
	(void)operand;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "set", "no_new_privs", NULL);
}
