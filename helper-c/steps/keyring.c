/* SPDX-License-Identifier: MIT */
/* Keys are in no namespace: a session keyring goes to whomever a process becomes (session-keyring(7)). */
#define _GNU_SOURCE
#include "entry/entry.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The old one is not revoked, others use it. The new one is made before the credentials change, of the caller's quota,
 * which nobody inside can use up; the program possesses it all the same, whoever owns it.
 *
 * Without keys (ENOSYS), or with a filter that knows none of these calls, which stays with the program, it reaches none.
 * That both calls fail in that way tells it; any other failure leaves the caller's keys to the program, so it is not
 * executed.
 */
void step_session_keyring(struct entry *entry, const char *operand)
{
	int error;

	(void)operand;
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return;
	error = errno;
	if (syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0) < 0 &&
	    (errno == ENOSYS || errno == EPERM))
		return;
	fail(entry, EXIT_OWN_FAILURE, error, "The program would have the keys of the caller.", "join",
	     "a session keyring of its own", NULL);
}
