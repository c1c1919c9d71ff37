/*
 * What inject.c and execute.c share: they start one thing after another, and nothing of one is left when the next begins.
 * Both are subreapers, so that the end of the last orphan is the end of all.
 */
#ifndef TSENTER_TEST_BELOW_H
#define TSENTER_TEST_BELOW_H

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_US	(50 * 1000)

static volatile sig_atomic_t is_late;

static inline _Noreturn void die(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(125);
}

static inline int check(int result, const char *what)
{
	if (result < 0)
		die(what);
	return result;
}

static inline void note_lateness(int signal)
{
	(void)signal;
	is_late = 1;
}

static inline void watch_below(void)
{
	struct sigaction late = { .sa_handler = note_lateness };

	check(sigaction(SIGALRM, &late, NULL), "sigaction");
	check(prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L), "subreaper");
}

/*
 * It goes on ticking: a signal that comes right before waitpid(2) wakes nobody. 0 is none.
 */
static inline void set_deadline(int seconds)
{
	struct itimerval timer = { .it_value.tv_sec = seconds };

	is_late = 0;
	if (seconds)
		timer.it_interval.tv_usec = TICK_US;
	check(setitimer(ITIMER_REAL, &timer, NULL), "setitimer");
}

static inline void kill_below(pid_t pid)
{
	char path[64];
	FILE *children;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	children = fopen(path, "re");
	while (children && fscanf(children, "%d", &child) == 1) {
		kill_below(child);
		kill(child, SIGKILL);
	}
	if (children)
		fclose(children);
}

static inline void end_below(void)
{
	set_deadline(1);
	do
		kill_below(getpid());
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR);
	set_deadline(0);
}

#endif
