/* SPDX-License-Identifier: MIT */
/* How the waiting parent ends, and what a signal does to it. */
#define _GNU_SOURCE
#include "entry/clock.h"
#include "supervision/supervision.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A signal that ends the child is the parent's as well: whoever started it sees the same. */
static _Noreturn void die_of(int signal)
{
	struct rlimit no_second_core = { .rlim_cur = 0, .rlim_max = 0 };

	/* The kernel delivers to the init of a PID namespace only what it handles. */
	if (getpid() != 1) {
		(void)setrlimit(RLIMIT_CORE, &no_second_core);
		(void)set_disposition(signal, SIG_DFL);
		let_signal_act(signal);
	}
	_exit(128 + signal);
}

/* Whatever the program's status is: who reads what it wrote must not take a part for the whole. */
static void end_for_lost_output(const struct parent *parent)
{
	/* As a program that writes to a pipe itself (pipe(7)). */
	if (lost_output() == EPIPE && !is_ignored(SIGPIPE))
		die_of(SIGPIPE);
	if (lost_output())
		fail(parent->entry, EXIT_OWN_FAILURE, lost_output(), NULL, "write", "standard output", NULL);
}

/* To the program it was an end of file, and a part is not to be taken for the whole. One that failed has told why itself. */
static void end_for_lost_input(const struct parent *parent, int status)
{
	if (lost_input() && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		fail(parent->entry, EXIT_OWN_FAILURE, lost_input(), NULL, "read", "standard input", NULL);
}

void end_as_child(const struct parent *parent, int status)
{
	leave_terminal();
	take_terminal_back(parent);
	end_for_lost_output(parent);
	end_for_lost_input(parent, status);
	if (WIFSIGNALED(status))
		die_of(WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}

/*
 * Whether the child has ended half a second from now: whoever started tsenter is not to find it still there, but what holds it may hold it
 * for ever, and may make children of this process meanwhile (CLONE_PARENT).
 */
static bool ends_soon(pid_t child, int *status)
{
	const long end = milliseconds() + 500;
	struct change change;
	siginfo_t info;

	for (long left; (left = end - milliseconds()) > 0;) {
		const struct timespec patience = { .tv_nsec = left * 1000000 };
		pid_t changed = wait_for_any(WNOHANG, &change);

		if (changed == child && change.has_ended) {
			*status = change.status;
			return true;
		}
		if (changed < 0 && errno != EINTR)
			return false;
		if (changed == 0 && take_signal(signal_bit(SIGCHLD), &info, &patience) < 0 && errno != EINTR)
			return false;
	}
	return false;
}

void end_with_child(const struct parent *parent, int signal)
{
	int status;

	(void)kill(parent->child, SIGKILL);
	(void)ends_soon(parent->child, &status);
	leave_terminal();
	take_terminal_back(parent);
	die_of(signal);
}

void end_hung_up(const struct parent *parent)
{
	int status;

	leave_terminal();
	hang_up_relay();
	if (ends_soon(parent->child, &status))
		end_as_child(parent, status);
	take_terminal_back(parent);
	fail(parent->entry, 128 + SIGHUP, ECANCELED, "Its terminal has hung up, but it has not ended: it may be frozen, or ignore that.",
	     "wait for", "the program", NULL);
}

void let_act(int signal)
{
	leave_terminal();
	let_signal_act(signal);
	refresh_relay();
}
