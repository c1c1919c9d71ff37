/*
 * recorder - a program to enter that tells what happens to it.
 *
 *   recorder LOG WORD...
 *
 * LOG is a FIFO or a file; each event is a line, written by one write(2). The
 * words are done in their order, then it exits with status 0:
 *
 *   catch=LIST		record these signals ("all" or numbers); others keep
 *			their dispositions: "signal N code C pid P value V"
 *   ignore=LIST	"all" or numbers
 *   editor		raw terminal; SIGTSTP restores it, slowly, then stops
 *   about		what it is: ids, terminal, window
 *   say=TEXT		to stdout, with a newline
 *   read		one line of stdin: "read TEXT", "eof", "failed E"
 *   fork		go on in a child, this one ends with status 0
 *   keep		go on in a child, this one waits and ends as it does
 *   traceme		its parent traces it
 *   sibling=N		make a sibling that its parent traces, and that sends itself a signal: "sibling went on"
 *   execute		itself, with the words that follow
 *   setsid
 *   close		the descriptors 0, 1 and 2
 *   kill=N		send itself a signal
 *   inject=TEXT	push it into the terminal's input (TIOCSTI)
 *   send=PID:N:VALUE	queue signal N to PID
 *   exit=N
 *   ready		"ready"
 *   wait		record signals until it is killed
 *   lines		record signals and lines of stdin until its end
 *
 * The C library keeps signals 32 to 34 for itself; the raw calls do not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "words.h"

#define SIGNALS 64

typedef uint64_t mask_t;

/* What the kernel expects; the C library's own differs between libraries. */
struct kernel_sigaction {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	mask_t mask;
};

static int log_fd;
static int signal_fd = -1;
static mask_t caught;
static struct termios cooked;

__attribute__((format(printf, 1, 2))) static void record(const char *format, ...)
{
	char line[1024];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line, sizeof(line) - 1, format, arguments);
	va_end(arguments);
	if (length < 0)
		_exit(125);
	if ((size_t)length > sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (write(log_fd, line, (size_t)length) != length)
		_exit(125);
}

static void die(const char *format, const char *detail)
{
	int error = errno;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	record(format, detail);
#pragma GCC diagnostic pop
	record("failed: %s", strerror(error));
	_exit(125);
}

static mask_t mask_of(char *list)
{
	unsigned int signals[MAX_NUMBERS];
	mask_t mask = 0;
	size_t count;

	if (!strcmp(list, "all"))
		return ~0ULL;
	count = numbers(list, signals);
	while (count--)
		mask |= 1ULL << (signals[count] - 1);
	return mask;
}

static void catch(mask_t signals)
{
	caught |= signals;
	if (syscall(SYS_rt_sigprocmask, SIG_BLOCK, &caught, NULL, sizeof(caught)))
		die("%s", "rt_sigprocmask");
	signal_fd = (int)syscall(SYS_signalfd4, signal_fd, &caught, sizeof(caught), SFD_CLOEXEC);
	if (signal_fd < 0)
		die("%s", "signalfd");
}

static void ignore(mask_t signals)
{
	struct kernel_sigaction action = { .handler = SIG_IGN };
	int number;

	for (number = 1; number <= SIGNALS; number++)
		if (signals & 1ULL << (number - 1) && number != SIGKILL && number != SIGSTOP &&
		    syscall(SYS_rt_sigaction, number, &action, NULL, sizeof(action.mask)))
			die("%s", "rt_sigaction");
}

static void restore_and_stop(int number)
{
	struct timespec moment = { .tv_nsec = 300 * 1000 * 1000 };
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t only;
	int error = errno;

	nanosleep(&moment, NULL);
	tcsetattr(STDIN_FILENO, TCSANOW, &cooked);
	record("restored");
	sigaction(number, &action, NULL);
	raise(number);
	sigemptyset(&only);
	sigaddset(&only, number);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	/* Here it is continued. */
	action.sa_handler = restore_and_stop;
	sigaction(number, &action, NULL);
	record("resumed foreground %d", tcgetpgrp(STDIN_FILENO));
	errno = error;
}

static void be_editor(void)
{
	struct sigaction action = { .sa_handler = restore_and_stop };
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &cooked))
		die("%s", "tcgetattr");
	raw = cooked;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		die("%s", "tcsetattr");
	if (sigaction(SIGTSTP, &action, NULL))
		die("%s", "sigaction");
}

static void about(void)
{
	struct winsize size = { .ws_row = 0 };
	char name[256] = "none", controlling[64];
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios settings;

	snprintf(controlling, sizeof(controlling), "%s", tty < 0 ? "none" : "yes");
	(void)ioctl(tty < 0 ? STDOUT_FILENO : tty, TIOCGWINSZ, &size);
	if (ttyname_r(STDIN_FILENO, name, sizeof(name)))
		snprintf(name, sizeof(name), "none");
	record("about pid %d ppid %d group %d session %d foreground %d controlling %s name %s isatty %d%d%d rows %d columns %d echo %d",
	       getpid(), getppid(), getpgrp(), getsid(0), tty < 0 ? -1 : tcgetpgrp(tty), controlling, name,
	       isatty(0), isatty(1), isatty(2), size.ws_row, size.ws_col,
	       tcgetattr(STDIN_FILENO, &settings) ? -1 : (settings.c_lflag & ECHO) != 0);
	if (tty >= 0)
		close(tty);
}

/* False at its end. */
static bool read_line(void)
{
	char line[512];
	size_t length = 0;
	ssize_t n;

	while (length < sizeof(line) - 1) {
		n = read(STDIN_FILENO, line + length, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			record("failed read: %s", strerror(errno));
			return false;
		}
		if (n == 0 && length == 0) {
			record("eof");
			return false;
		}
		if (n == 0 || line[length] == '\n')
			break;
		length++;
	}
	line[length] = '\0';
	record("read %s", line);
	return true;
}

static void record_signal(void)
{
	struct signalfd_siginfo info;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		die("%s", "signalfd");
	record("signal %u code %d pid %u value %d", info.ssi_signo, info.ssi_code, info.ssi_pid, info.ssi_int);
}

static void stay(bool lines)
{
	struct pollfd both[2] = {
		{ .fd = signal_fd, .events = POLLIN },
		{ .fd = lines ? STDIN_FILENO : -1, .events = POLLIN },
	};
	bool is_terminal = isatty(STDIN_FILENO);

	for (;;) {
		if (poll(both, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			die("%s", "poll");
		}
		if (both[0].revents)
			record_signal();
		/* A terminal that hangs up wakes its readers before it sends SIGHUP, which is what tests wait for. */
		if (is_terminal && both[1].revents & POLLHUP)
			both[1].fd = -1;
		else if (both[1].revents && !read_line())
			return;
	}
}

static void go_on_in_child(bool keep)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		die("%s", "fork");
	if (child == 0)
		return;
	if (!keep)
		_exit(0);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("%s", "waitpid");
	if (WIFSIGNALED(status))
		kill(getpid(), WTERMSIG(status));
	_exit(WEXITSTATUS(status));
}

static void inject(const char *text)
{
	const char *at;

	for (at = text; *at; at++)
		if (ioctl(STDIN_FILENO, TIOCSTI, at)) {
			record("inject failed %s", strerror(errno));
			return;
		}
	if (ioctl(STDIN_FILENO, TIOCSTI, "\n"))
		record("inject failed %s", strerror(errno));
	else
		record("injected");
}

static void send_signal(char *value)
{
	char *number_text = cut(value), *payload = cut(number_text);
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = (int)number(number_text);
	info.si_code = SI_QUEUE;
	info.si_pid = getpid();
	info.si_value.sival_int = (int)number(payload);
	if (syscall(SYS_rt_sigqueueinfo, number(value), info.si_signo, &info))
		die("%s", "rt_sigqueueinfo");
}

static void be_traced(void)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		die("%s", "ptrace");
}

static void make_sibling(int number)
{
	long sibling = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	if (sibling < 0)
		die("%s", "clone");
	if (sibling > 0)
		return;
	be_traced();
	/* Not getpid(), which may be the other's. */
	(void)syscall(SYS_kill, syscall(SYS_getpid), number);
	record("sibling went on");
	_exit(0);
}

static void execute_again(char **program, char **rest)
{
	/* Its name and the place of the log; what has been done of the words is behind. */
	rest[-1] = program[1];
	rest[-2] = program[0];
	execv("/proc/self/exe", rest - 2);
	die("%s", "execute");
}

static void do_word(char *word)
{
	char *value;

	if ((value = value_of(word, "catch")))
		catch(mask_of(value));
	else if ((value = value_of(word, "ignore")))
		ignore(mask_of(value));
	else if (!strcmp(word, "editor"))
		be_editor();
	else if (!strcmp(word, "about"))
		about();
	else if ((value = value_of(word, "say")))
		dprintf(STDOUT_FILENO, "%s\n", value);
	else if (!strcmp(word, "read"))
		(void)read_line();
	else if (!strcmp(word, "fork") || !strcmp(word, "keep"))
		go_on_in_child(!strcmp(word, "keep"));
	else if (!strcmp(word, "traceme"))
		be_traced();
	else if ((value = value_of(word, "sibling")))
		make_sibling((int)number(value));
	else if (!strcmp(word, "setsid"))
		(void)setsid();
	else if (!strcmp(word, "close"))
		(void)(close(0) | close(1) | close(2));
	else if ((value = value_of(word, "kill")))
		(void)kill(getpid(), (int)number(value));
	else if ((value = value_of(word, "inject")))
		inject(value);
	else if ((value = value_of(word, "send")))
		send_signal(value);
	else if ((value = value_of(word, "exit")))
		_exit((int)number(value));
	else if (!strcmp(word, "ready"))
		record("ready");
	else if (!strcmp(word, "wait") || !strcmp(word, "lines"))
		stay(!strcmp(word, "lines"));
	else
		die("%s", word);
}

int main(int argc, char **argv)
{
	char **words;
	int fd;

	if (argc < 2)
		return 2;
	/* Out of the way of the descriptors that it tells about. */
	fd = open(argv[1], O_WRONLY | O_APPEND | O_CLOEXEC);
	log_fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 100);
	if (log_fd < 0) {
		perror(argv[1]);
		return 125;
	}
	close(fd);
	for (words = argv + 2; *words; words++)
		if (!strcmp(*words, "execute"))
			execute_again(argv, words + 1);
		else
			do_word(*words);
	return 0;
}
