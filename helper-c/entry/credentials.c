/* SPDX-License-Identifier: MIT */
/* What a change of credentials undoes, that of the file system's id as well (prctl(2), PR_SET_DUMPABLE and PR_SET_PDEATHSIG). */
#define _GNU_SOURCE
#include "entry/entry.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

void hide_again(const struct entry *entry)
{
	if (entry->undumpable && prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "hide", "this process", NULL);
}

/*
 * The parent may have died before: then nobody reads from the pipe any more (poll(2), POLLERR). From another PID namespace getppid(2)
 * would not tell, and a pidfd of the parent is nothing that anybody inside may have.
 */
void watch_parent_again(const struct entry *entry)
{
	struct pollfd parent = { .fd = entry->executing };

	if (entry->death_signal == 0)
		return;
	if (prctl(PR_SET_PDEATHSIG, (unsigned long)entry->death_signal, 0L, 0L, 0L) || poll(&parent, 1, 0) < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "watch", "the waiting parent", NULL);
	if (parent.revents) {
		(void)kill(getpid(), entry->death_signal);
		/* The init of a PID namespace is not killed by itself. */
		_exit(128 + entry->death_signal);
	}
}
