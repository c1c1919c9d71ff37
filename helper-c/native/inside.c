/* SPDX-License-Identifier: MIT */
/* What only who is in a user namespace may read, or what may hold its reader, is read by a child: this process stays where it is. */
#define _GNU_SOURCE
#include "native/inside.h"

#include "steps/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* It says nothing of what fails but the error's number: the caller of this knows what it asked for. */
static _Noreturn void print(int user_namespace, int directory, const char *file)
{
	char digits[11], join[32] = "setns=user@", inside[] = "print=", in_root[] = "print-in-root=", what[NAME_MAX + 32] = "";
	/* Whoever is inside may stop it; to enter undoes the first. */
	char hide[] = "undumpable", die[] = "die-with-parent=9", die_again[] = "die-with-parent=9";
	char *words[] = { hide, die, join, die_again, what, NULL };
	struct entry entry = { NEW_ENTRY, .words = words };

	entry.messages = -1;
	(void)strcat(what, user_namespace < 0 ? in_root : inside);
	(void)strcat(strcat(what, write_number(digits, (unsigned int)directory)), ":");
	(void)strncat(what, file, NAME_MAX);
	if (user_namespace < 0)
		entry.words = words + 3;
	else
		(void)strcat(join, write_number(digits, (unsigned int)user_namespace));
	execute_steps(&entry);
}

pid_t print_apart(int user_namespace, int directory, const char *file, int *output)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	/* Without a signal at its end: of a caller that ignores SIGCHLD the status would be lost (wait(2), NOTES). */
	child = (pid_t)syscall(SYS_clone, 0, NULL, NULL, NULL, NULL);
	if (child == 0) {
		/* Its end tells that nobody reads any more. */
		(void)close(ends[0]);
		if (dup2(ends[1], STDOUT_FILENO) < 0)
			_exit(EXIT_OWN_FAILURE);
		print(user_namespace, directory, file);
	}
	(void)close(ends[1]);
	*output = ends[0];
	if (child < 0)
		(void)close(ends[0]);
	return child;
}

int how_printed(pid_t child, int output)
{
	struct pollfd end = { .fd = output };
	int status;

	/* One that has ended has closed it; not even SIGKILL ends who waits for a file system in user space. */
	(void)kill(child, SIGKILL);
	if (poll(&end, 1, 500) <= 0)
		return -1;
	return waitpid(child, &status, __WALL) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
