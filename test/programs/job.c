/*
 * job - a shell with one job, which tells what becomes of it.
 *
 *   job SOCKET foreground|background PROGRAM ARG...
 *
 * It leads the session of the terminal that is its stdin, starts PROGRAM in a
 * process group of its own, and does what shells do: it waits also for stops,
 * and takes the terminal back when the job has stopped or ended. What it sees
 * it writes to SOCKET as lines:
 *
 *   started PID
 *   stopped N, exited N, killed N, each followed by
 *			" foreground GROUP settings S": the terminal as the
 *			job left it, in the format of stty -g
 *   continued
 *
 * and from there come its orders: "foreground", "background" (continue it
 * there), "end". Descendants whose parents have ended become its children.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range	436
#endif

static int node = -1;
static pid_t job;

static void die(const char *what)
{
	perror(what);
	exit(125);
}

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (send(node, line, (size_t)length, MSG_NOSIGNAL) != length)
		exit(0);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		die(path);
	strcpy(address.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		die(path);
	return fd;
}

static void take_terminal(pid_t group)
{
	/* Gone after a hang-up. */
	(void)tcsetpgrp(STDIN_FILENO, group);
}

static void tell_terminal(const char *what, int number)
{
	struct termios settings;
	char text[512];
	size_t i;
	int length;

	memset(&settings, 0, sizeof(settings));
	if (tcgetattr(STDIN_FILENO, &settings)) {
		tell("%s %d foreground -1 settings none\n", what, number);
		return;
	}
	length = snprintf(text, sizeof(text), "%x:%x:%x:%x", settings.c_iflag, settings.c_oflag, settings.c_cflag,
			  settings.c_lflag);
	for (i = 0; i < NCCS; i++)
		length += snprintf(text + length, sizeof(text) - (size_t)length, ":%x", settings.c_cc[i]);
	tell("%s %d foreground %d settings %s\n", what, number, tcgetpgrp(STDIN_FILENO), text);
}

static void start(bool foreground, char **words)
{
	sigset_t none;

	job = fork();
	if (job < 0)
		die("fork");
	if (job > 0) {
		(void)setpgid(job, job);
		if (foreground)
			take_terminal(job);
		tell("started %d\n", job);
		return;
	}
	(void)setpgid(0, 0);
	if (foreground)
		take_terminal(getpid());
	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* What the test's own starter has left open is none of the job's. */
	(void)syscall(SYS_close_range, 3U, ~0U, 0U);
	execvp(words[0], words);
	die(words[0]);
}

static void tell_ends(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
		if (pid != job)
			continue;
		if (WIFCONTINUED(status)) {
			tell("continued\n");
			continue;
		}
		if (WIFSTOPPED(status))
			tell_terminal("stopped", WSTOPSIG(status));
		else if (WIFEXITED(status))
			tell_terminal("exited", WEXITSTATUS(status));
		else
			tell_terminal("killed", WTERMSIG(status));
		take_terminal(getpgrp());
	}
}

static void obey(const char *order)
{
	bool foreground = !strcmp(order, "foreground");

	if (foreground)
		take_terminal(job);
	if (foreground || !strcmp(order, "background"))
		(void)kill(-job, SIGCONT);
	else
		exit(0);
}

static void obey_all(void)
{
	char text[256], *save, *order;
	ssize_t n = recv(node, text, sizeof(text) - 1, 0);

	if (n <= 0)
		exit(0);
	text[n] = '\0';
	for (order = strtok_r(text, "\n", &save); order; order = strtok_r(NULL, "\n", &save))
		obey(order);
}

int main(int argc, char **argv)
{
	sigset_t child;
	struct pollfd both[2] = { { .events = POLLIN }, { .events = POLLIN } };

	if (argc < 4)
		return 2;
	for (int number = 1; number < NSIG; number++)
		if (number != SIGCHLD)
			(void)signal(number, SIG_IGN);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	both[0].fd = signalfd(-1, &child, SFD_CLOEXEC);
	both[1].fd = node = connect_to(argv[1]);
	if (both[0].fd < 0)
		die("signalfd");
	start(!strcmp(argv[2], "foreground"), argv + 3);
	for (;;) {
		if (poll(both, 2, -1) < 0 && errno != EINTR)
			die("poll");
		if (both[0].revents) {
			struct signalfd_siginfo info;

			if (read(both[0].fd, &info, sizeof(info)) < 0)
				die("read");
			tell_ends();
		}
		if (both[1].revents)
			obey_all();
	}
}
