/* SPDX-License-Identifier: MIT */
/*
 * Any child, and what is to be known of it. A program can make its parent its tracer (ptrace(2), PTRACE_TRACEME), and so can a sibling that it
 * has made (CLONE_PARENT): each of its signals then stops it until the tracer says otherwise, and is told as a stop by that signal.
 */
#define _GNU_SOURCE
#include "supervision/supervision.h"

#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* False where it is no trace stop. The kernel lets the signal act, but for the one of an execve(2), which is meant for a tracer. */
static bool is_let_go(pid_t child, int signal)
{
	return ptrace(PTRACE_DETACH, child, NULL, (void *)(intptr_t)(signal == SIGTRAP ? 0 : signal)) == 0;
}

pid_t wait_for_any(int options, struct change *change)
{
	int status;
	pid_t child = waitpid(-1, &status, options | __WALL);

	if (child <= 0)
		return child;
	*change = (struct change){ .status = status, .has_ended = !WIFSTOPPED(status) };
	if (WIFSTOPPED(status) && !is_let_go(child, WSTOPSIG(status)))
		change->stopped_by = WSTOPSIG(status);
	return child;
}
