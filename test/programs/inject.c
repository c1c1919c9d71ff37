/*
 * inject - make one system call of a start fail, start after start.
 *
 *   inject [tty] [uid=UID] EXECS PROGRAM -- COMMAND ARG...
 *
 * The start begins with the EXECS-th exec of COMMAND: what was executed, its words, environment and descriptors are
 * taken there, and every start is of that. So an interpreter that executes the subject is run once and not looked at.
 * It ends where a file whose name is PROGRAM is executed, which writes a report to descriptor 3.
 *
 * Each line of standard input is a start, and gets one line of JSON:
 *
 *   list			nothing fails; "calls" is what there was
 *   PROCESS CALL ERRNO	this call of this process fails
 *   PROCESS CALL ERRNO on	and every later one of the same number, as with a filter
 *   exec ERRNO		the exec with which a start begins fails, that of the interpreter
 *
 * Processes and the calls of each count from 0: parent and child run at the same time, so one number for both would
 * mean something else each time. With tty the start has a controlling terminal, which is its input and output. It has
 * supplementary groups, which must not get lost or stay unseen.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <termios.h>

#include "below.h"
#include "json.h"

enum { REPORT_FD = 3, KEPT_FD = 500, MAX_FDS = 64, MAX_TASKS = 16, MAX_CALLS = 4096, MAX_WORDS = 4096 };

/* Far above what a start takes on a machine that is busy. */
enum { DEADLINE_S = 15 };

static const struct {
	const char *name;
	long number;
} names[] = {
#define CALL(name) { #name, SYS_##name }
#ifdef SYS_open
	CALL(open), CALL(stat), CALL(lstat), CALL(access), CALL(readlink), CALL(poll), CALL(fork), CALL(vfork),
	CALL(dup2), CALL(pipe), CALL(getpgrp), CALL(arch_prctl), CALL(chown), CALL(getrlimit), CALL(time),
	CALL(select), CALL(epoll_wait),
#endif
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(pread64), CALL(close), CALL(openat), CALL(openat2),
	CALL(fstat), CALL(newfstatat), CALL(statx), CALL(fstatfs), CALL(statfs), CALL(lseek), CALL(readlinkat),
	CALL(faccessat), CALL(getcwd), CALL(chdir), CALL(fchdir), CALL(chroot), CALL(fchown), CALL(fcntl), CALL(dup),
	CALL(dup3), CALL(pipe2), CALL(ioctl), CALL(mmap), CALL(munmap), CALL(mprotect), CALL(mremap), CALL(madvise),
	CALL(brk), CALL(clone), CALL(clone3), CALL(execve), CALL(execveat), CALL(wait4), CALL(waitid), CALL(exit),
	CALL(exit_group), CALL(kill), CALL(tkill), CALL(tgkill), CALL(rt_sigaction), CALL(rt_sigprocmask),
	CALL(rt_sigpending), CALL(rt_sigtimedwait), CALL(rt_sigqueueinfo), CALL(rt_sigreturn), CALL(signalfd4),
	CALL(sigaltstack), CALL(ppoll), CALL(getpid), CALL(gettid), CALL(getppid), CALL(getuid), CALL(geteuid),
	CALL(getgid), CALL(getegid), CALL(getresuid), CALL(getresgid), CALL(getpgid), CALL(setpgid), CALL(getsid),
	CALL(setsid), CALL(setuid), CALL(setgid), CALL(setresuid), CALL(setresgid), CALL(setfsuid), CALL(setgroups),
	CALL(getgroups), CALL(capget), CALL(capset), CALL(prctl), CALL(prlimit64), CALL(setrlimit), CALL(uname),
	CALL(setns), CALL(unshare), CALL(pidfd_open), CALL(pidfd_getfd), CALL(pidfd_send_signal), CALL(close_range),
	CALL(getxattr), CALL(gettimeofday), CALL(clock_gettime), CALL(set_tid_address), CALL(getrandom), CALL(futex),
	CALL(set_robust_list), CALL(rseq), CALL(open_tree), CALL(move_mount), CALL(mount_setattr), CALL(mount),
	CALL(sendfile), CALL(copy_file_range), CALL(ftruncate), CALL(fchmod), CALL(memfd_create), CALL(keyctl), CALL(socketpair),
	CALL(sendto), CALL(recvfrom), CALL(umask), CALL(membarrier), CALL(open_by_handle_at), CALL(name_to_handle_at),
#undef CALL
};

/* One start. */
static struct {
	bool lists, goes_on, fails_first;
	unsigned int process, call;
	int error;
} job;

static struct call {
	unsigned int process;
	long number;
	uint64_t arguments[3];
} calls[MAX_CALLS], failed;

static size_t call_count;
static bool has_failed, ran, has_joined;
/*
 * Whether somebody but root owned files of /proc/PID when a namespace was entered, or after that a program executed: the
 * process was dumpable then.
 */
static bool was_exposed;

static struct task {
	pid_t pid;
	unsigned int index, calls;
	bool fresh, fails;
} tasks[MAX_TASKS];

static unsigned int task_count;

/* What was taken at the exec. */
static int executable = -1;
static char *words[MAX_WORDS], *environment[MAX_WORDS];
static struct {
	int number, copy;
} descriptors[MAX_FDS];
static size_t descriptor_count;

static const char *program_name;
static char **command;
static unsigned int execs;
/* Who starts it; 0: as this program. */
static uid_t user;
static int report_pipe[2], message_pipe[2];
static int terminal_master = -1, terminal = -1;

/* ---- registers ---- */

#if defined(__x86_64__)
static void skip_call(pid_t pid)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax), -1L);
}

static void set_result(pid_t pid, long result)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), result);
}
#elif defined(__aarch64__)
enum { GENERAL_REGISTERS = 1, SYSTEM_CALL = 0x404 };

static void skip_call(pid_t pid)
{
	int none = -1;
	struct iovec area = { &none, sizeof(none) };

	ptrace(PTRACE_SETREGSET, pid, SYSTEM_CALL, &area);
}

static void set_result(pid_t pid, long result)
{
	struct user_regs_struct registers;
	struct iovec area = { &registers, sizeof(registers) };

	if (ptrace(PTRACE_GETREGSET, pid, GENERAL_REGISTERS, &area) < 0)
		return;
	registers.regs[0] = (unsigned long long)result;
	ptrace(PTRACE_SETREGSET, pid, GENERAL_REGISTERS, &area);
}
#endif

/* ---- processes ---- */

static struct task *task_of(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < task_count; i++)
		if (tasks[i].pid == pid)
			return tasks + i;
	if (task_count == MAX_TASKS)
		die("too many processes");
	tasks[task_count] = (struct task){ .pid = pid, .index = task_count, .fresh = true };
	return tasks + task_count++;
}

static bool is_program(pid_t pid)
{
	char path[64], link[PATH_MAX];
	const char *slash;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0)
		return false;
	link[length] = '\0';
	slash = strrchr(link, '/');
	return !strcmp(slash ? slash + 1 : link, program_name);
}

static bool is_dumpable_for_others(pid_t pid)
{
	struct stat file;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return stat(path, &file) == 0 && file.st_uid != 0;
}

/* ---- the exec with which a start begins ---- */

static void take_words(pid_t pid, const char *file, char **list)
{
	char path[64], *text = NULL;
	size_t size = 0, count = 0;
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	stream = fopen(path, "re");
	if (!stream)
		die(path);
	while (getdelim(&text, &size, '\0', stream) > 0) {
		if (count + 1 == MAX_WORDS)
			die("too many words");
		list[count++] = text;
		text = NULL;
		size = 0;
	}
	fclose(stream);
	list[count] = NULL;
}

static void take_descriptors(pid_t pid)
{
	int pidfd = check((int)syscall(SYS_pidfd_open, pid, 0), "pidfd_open");
	struct dirent *entry;
	char path[64];
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	directory = opendir(path);
	if (!directory)
		die(path);
	while ((entry = readdir(directory))) {
		int fd;

		if (entry->d_name[0] == '.')
			continue;
		if (descriptor_count == MAX_FDS)
			die("too many descriptors");
		fd = check((int)syscall(SYS_pidfd_getfd, pidfd, atoi(entry->d_name), 0), "pidfd_getfd");
		descriptors[descriptor_count].number = atoi(entry->d_name);
		descriptors[descriptor_count++].copy = check(fcntl(fd, F_DUPFD_CLOEXEC, KEPT_FD), "fcntl");
		close(fd);
	}
	closedir(directory);
	close(pidfd);
}

static void take(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	executable = check(open(path, O_PATH | O_CLOEXEC), path);
	executable = check(fcntl(executable, F_DUPFD_CLOEXEC, KEPT_FD), "fcntl");
	take_words(pid, "cmdline", words);
	take_words(pid, "environ", environment);
	take_descriptors(pid);
}

static void begin(void)
{
	static const gid_t groups[] = { 4001, 4002 };
	sigset_t none;

	setpgid(0, 0);
	if (terminal >= 0)
		check(tcsetpgrp(terminal, getpid()), "tcsetpgrp");
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	check(setgroups(sizeof(groups) / sizeof(groups[0]), groups), "setgroups");
	if (user) {
		check(setresgid(user, user, user), "setresgid");
		check(setresuid(user, user, user), "setresuid");
	}
}

static void be_traced(void)
{
	check((int)ptrace(PTRACE_TRACEME, 0, 0, 0), "PTRACE_TRACEME");
	raise(SIGSTOP);
}

static void trace(pid_t pid, long options)
{
	int status = 0;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("a start does not begin");
	check((int)ptrace(PTRACE_SETOPTIONS, pid, 0, options | PTRACE_O_EXITKILL), "PTRACE_SETOPTIONS");
}

/* Only execs are looked at, up to this one: what comes before the start is not the subject. */
static pid_t start_command(unsigned int passed)
{
	int status = 0;
	pid_t pid = check(fork(), "fork");

	if (pid == 0) {
		int null = check(open("/dev/null", O_RDWR), "/dev/null");

		begin();
		check(dup2(terminal >= 0 ? terminal : null, 0), "dup2");
		check(dup2(terminal >= 0 ? terminal : null, 1), "dup2");
		check(dup2(message_pipe[1], 2), "dup2");
		check(dup2(report_pipe[1], REPORT_FD), "dup2");
		check((int)syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0), "close_range");
		be_traced();
		execv(command[0], command);
		die(command[0]);
	}
	trace(pid, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC);
	set_deadline(DEADLINE_S);
	while (passed > 0) {
		int signal = WIFSTOPPED(status) && !(status >> 16) ? WSTOPSIG(status) : 0;

		check((int)ptrace(PTRACE_CONT, pid, 0, (long)signal), "PTRACE_CONT");
		if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
			die("the command ends before the exec");
		if (status >> 16 == PTRACE_EVENT_EXEC)
			passed--;
	}
	return pid;
}

static void capture(void)
{
	take(start_command(execs));
	end_below();
}

/* ---- one start ---- */

static bool is_to_fail(const struct task *task, const struct call *call)
{
	if (job.lists)
		return false;
	if (has_failed)
		return job.goes_on && call->number == failed.number;
	return job.process == task->index && job.call == task->calls;
}

static void enter_call(struct task *task, const struct __ptrace_syscall_info *info)
{
	struct call call = {
		.process = task->index,
		.number = (long)info->entry.nr,
		.arguments = { info->entry.args[0], info->entry.args[1], info->entry.args[2] },
	};

	has_joined = has_joined || call.number == SYS_setns;
	if (call.number == SYS_setns || (has_joined && (call.number == SYS_execve || call.number == SYS_execveat)))
		was_exposed = was_exposed || is_dumpable_for_others(task->pid);
	if (job.lists && call_count < MAX_CALLS)
		calls[call_count++] = call;
	if (is_to_fail(task, &call)) {
		if (!has_failed)
			failed = call;
		has_failed = true;
		task->fails = true;
		/* A close that fails has closed all the same. */
		if (call.number != SYS_close)
			skip_call(task->pid);
	}
	task->calls++;
}

static void look(struct task *task)
{
	struct __ptrace_syscall_info info;

	memset(&info, 0, sizeof(info));
	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		enter_call(task, &info);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && task->fails) {
		set_result(task->pid, -job.error);
		task->fails = false;
	}
}

/* A task that has vanished meanwhile is seen by the next wait. */
static void go_on(pid_t pid, int status)
{
	struct task *task = task_of(pid);
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_EXEC && is_program(pid)) {
		ran = true;
		ptrace(PTRACE_DETACH, pid, 0, 0);
		return;
	}
	if (signal == (SIGTRAP | 0x80))
		look(task);
	if (event || signal == (SIGTRAP | 0x80) || (task->fresh && signal == SIGSTOP))
		signal = 0;
	task->fresh = false;
	ptrace(PTRACE_SYSCALL, pid, 0, (long)signal);
}

static _Noreturn void be_start(void)
{
	size_t i;

	begin();
	for (i = 0; i < descriptor_count; i++)
		check(dup2(descriptors[i].copy, descriptors[i].number), "dup2");
	be_traced();
	syscall(SYS_execveat, executable, "", words, environment, AT_EMPTY_PATH);
	die("execveat");
}

/* Up to the first exec it is this program. */
static void pass_exec(pid_t pid)
{
	int status = 0;

	do {
		check((int)ptrace(PTRACE_CONT, pid, 0, 0), "PTRACE_CONT");
		if (waitpid(pid, &status, __WALL) != pid || !WIFSTOPPED(status))
			die("a start ends before its exec");
	} while (status >> 16 != PTRACE_EVENT_EXEC);
	task_of(pid)->fresh = false;
	check((int)ptrace(PTRACE_SYSCALL, pid, 0, 0), "PTRACE_SYSCALL");
}

/* False where it had to be ended. */
static bool start(int *end)
{
	pid_t pid, first = check(fork(), "fork");
	int status;

	if (first == 0)
		be_start();
	task_count = 0;
	call_count = 0;
	has_failed = false;
	ran = false;
	has_joined = false;
	was_exposed = false;
	*end = 0;
	trace(first, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE);
	pass_exec(first);
	set_deadline(DEADLINE_S);
	for (;;) {
		pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR && is_late) {
			end_below();
			return false;
		}
		if (pid < 0 && errno != EINTR)
			break;
		if (pid > 0 && WIFSTOPPED(status))
			go_on(pid, status);
		else if (pid == first)
			*end = status;
	}
	set_deadline(0);
	return true;
}

/* The exec with which a start begins fails; of a process with several threads only the first is looked at. */
static bool fail_first_exec(int *end)
{
	pid_t pid = start_command(execs - 1);
	int status = SIGTRAP << 8 | 0x7f;
	bool fails = false, in_time;

	has_failed = false;
	ran = false;
	was_exposed = false;
	while (WIFSTOPPED(status) && (!has_failed || fails)) {
		struct __ptrace_syscall_info info;
		int signal = status >> 16 ? 0 : WSTOPSIG(status);

		ptrace(PTRACE_SYSCALL, pid, 0, (long)(signal & 0x80 || signal == SIGTRAP ? 0 : signal));
		if (waitpid(pid, &status, __WALL) != pid)
			break;
		memset(&info, 0, sizeof(info));
		if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80) ||
		    ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) < 0)
			continue;
		if (fails) {
			set_result(pid, -job.error);
			fails = false;
		} else if (info.op == PTRACE_SYSCALL_INFO_ENTRY &&
			   (info.entry.nr == SYS_execve || info.entry.nr == SYS_execveat)) {
			failed = (struct call){ .number = (long)info.entry.nr };
			has_failed = true;
			fails = true;
			skip_call(pid);
		}
	}
	if (WIFSTOPPED(status)) {
		ptrace(PTRACE_DETACH, pid, 0, 0);
		while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR && !is_late)
			;
	}
	in_time = !is_late;
	end_below();
	*end = status;
	return in_time;
}

/* ---- what became of it ---- */

static void print_rest(const char *name, int fd)
{
	static char text[65537];
	size_t length = 0;
	ssize_t count;

	while (length < sizeof(text) - 1 && (count = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)count;
	text[length] = '\0';
	printf(",\"%s\":", name);
	json_string(stdout, text);
}

static void print_call(const struct call *call)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == call->number) {
			printf("\"%s(0x%jx, 0x%jx, 0x%jx)\"", names[i].name, (uintmax_t)call->arguments[0],
			       (uintmax_t)call->arguments[1], (uintmax_t)call->arguments[2]);
			return;
		}
	printf("\"%ld()\"", call->number);
}

static void print_calls(void)
{
	size_t i;

	fputs(",\"calls\":[", stdout);
	for (i = 0; i < call_count; i++) {
		printf("%s{\"process\":%u,\"name\":", i ? "," : "", calls[i].process);
		print_call(calls + i);
		putchar('}');
	}
	putchar(']');
}

/* Whether it is as it was; it is made so. */
static bool settle_terminal(const struct termios *before)
{
	struct termios after;
	char bytes[4096];
	bool same;

	if (terminal < 0)
		return true;
	check(tcgetattr(terminal, &after), "tcgetattr");
	same = before->c_iflag == after.c_iflag && before->c_oflag == after.c_oflag &&
	       before->c_lflag == after.c_lflag && before->c_cflag == after.c_cflag;
	check(tcsetattr(terminal, TCSANOW, before), "tcsetattr");
	while (read(terminal_master, bytes, sizeof(bytes)) > 0)
		;
	return same;
}

static void do_job(void)
{
	struct termios before;
	bool in_time;
	int end;

	if (terminal >= 0)
		check(tcgetattr(terminal, &before), "tcgetattr");
	in_time = job.fails_first ? fail_first_exec(&end) : start(&end);
	printf("{\"status\":%d,\"signal\":%d", WIFEXITED(end) ? WEXITSTATUS(end) : 0,
	       WIFSIGNALED(end) ? WTERMSIG(end) : 0);
	printf(",\"hung\":%s,\"ran\":%s", in_time ? "false" : "true", ran ? "true" : "false");
	printf(",\"wasExposed\":%s", was_exposed ? "true" : "false");
	printf(",\"terminalKept\":%s", settle_terminal(&before) ? "true" : "false");
	print_rest("report", report_pipe[0]);
	print_rest("message", message_pipe[0]);
	fputs(",\"failed\":", stdout);
	if (has_failed)
		print_call(&failed);
	else
		fputs("null", stdout);
	if (job.lists)
		print_calls();
	fputs("}\n", stdout);
	fflush(stdout);
}

static void open_pipe(int ends[2])
{
	int i;

	check(pipe2(ends, O_CLOEXEC), "pipe2");
	for (i = 0; i < 2; i++) {
		int high = check(fcntl(ends[i], F_DUPFD_CLOEXEC, KEPT_FD), "fcntl");

		close(ends[i]);
		ends[i] = high;
	}
	check(fcntl(ends[0], F_SETFL, O_NONBLOCK), "fcntl");
}

static void open_terminal(void)
{
	int master = check(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), "posix_openpt");

	check(grantpt(master), "grantpt");
	check(unlockpt(master), "unlockpt");
	terminal_master = check(fcntl(master, F_DUPFD_CLOEXEC, KEPT_FD), "fcntl");
	close(master);
	terminal = check(open(ptsname(terminal_master), O_RDWR | O_NOCTTY | O_CLOEXEC), "terminal");
	check(ioctl(terminal, TIOCSCTTY, 0), "TIOCSCTTY");
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	bool has_terminal = argc > 1 && !strcmp(argv[1], "tty");
	char line[128];
	sigset_t background;

	argv += has_terminal;
	argc -= has_terminal;
	if (argc > 1 && sscanf(argv[1], "uid=%u", &user) == 1) {
		argv++;
		argc--;
	}
	if (argc < 5 || strcmp(argv[3], "--"))
		die("usage");
	program_name = argv[2];
	/* Nothing of whoever started the test. */
	check((int)syscall(SYS_close_range, REPORT_FD, ~0U, 0), "close_range");
	(void)setsid();
	/* Giving the terminal to a start, and taking it back. */
	sigemptyset(&background);
	sigaddset(&background, SIGTTOU);
	check(sigprocmask(SIG_BLOCK, &background, NULL), "sigprocmask");
	watch_below();
	check(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = 1024;
	check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	open_pipe(report_pipe);
	open_pipe(message_pipe);
	if (has_terminal)
		open_terminal();
	execs = (unsigned int)atoi(argv[1]);
	command = argv + 4;
	capture();
	while (fgets(line, sizeof(line), stdin)) {
		job.lists = !strcmp(line, "list\n");
		job.goes_on = strstr(line, " on\n");
		job.fails_first = sscanf(line, "exec %d", &job.error) == 1;
		if (!job.lists && !job.fails_first &&
		    sscanf(line, "%u %u %d", &job.process, &job.call, &job.error) != 3)
			die(line);
		do_job();
	}
	return 0;
}
