/*
 * probe - print what a program sees of itself, as one JSON document.
 *
 * It is executed by tsenter and by nsenter from the same surroundings, and
 * the two documents are compared. Static, and content without /proc, because
 * it runs inside odd roots.
 *
 *   probe [--fd N] [--proc DIRFD] [words...]	print the document
 *   probe exit N		exit with status N
 *   probe kill SIG		die of signal SIG, by its default disposition
 *   probe stop			stop, and exit with 7 when continued
 *   probe fork-probe		a forked child prints the document
 *   probe sleep [--pdeathsig]	print "ready" and pause
 *   probe true			exit with 0
 *
 * Without a subcommand of that name the words are simply arguments, so that
 * any argv can be passed and seen.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

#define NSIGNALS	64
#define MAX_FDS		65536

#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif
/* Not in musl's headers: linux/pidfd.h, _IO(0xFF, 1..10), since Linux 6.11. */
#define PIDFD_GET_NAMESPACE(n)	(0xFF00 | (n))

#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT		47
#define PR_CAP_AMBIENT_IS_SET	1
#endif

/* In the order of the PIDFD_GET_*_NAMESPACE numbers, which start at 1. */
static const struct {
	const char *name;
	const char *kind;
} namespaces[] = {
	{ "cgroup", "cgroup" },
	{ "ipc", "ipc" },
	{ "mnt", "mnt" },
	{ "net", "net" },
	{ "pid", "pid" },
	{ "pid_for_children", "pid" },
	{ "time", "time" },
	{ "time_for_children", "time" },
	{ "user", "user" },
	{ "uts", "uts" },
};

#define NAMESPACES	(sizeof(namespaces) / sizeof(namespaces[0]))

/* A directory with "self" in it: --proc DIRFD, or /proc when it is there. */
static int proc_fd = -1;
static const char *proc_prefix = "/proc/";

static ssize_t proc_link(const char *name, char *buf, size_t size)
{
	char path[128];
	ssize_t n;

	snprintf(path, sizeof(path), "%sself/%s", proc_prefix, name);
	n = readlinkat(proc_fd >= 0 ? proc_fd : AT_FDCWD, path, buf, size - 1);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

static ssize_t proc_read(const char *name, char *buf, size_t size)
{
	char path[128];
	size_t have = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%sself/%s", proc_prefix, name);
	fd = openat(proc_fd >= 0 ? proc_fd : AT_FDCWD, path,
		    O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (have < size - 1 &&
	       (n = read(fd, buf + have, size - 1 - have)) > 0)
		have += (size_t)n;
	close(fd);
	buf[have] = '\0';
	return (ssize_t)have;
}

/*
 * A pidfd tells the namespaces without any /proc, and nobody can have put
 * something else in its place; /proc/self/ns is for kernels before 6.11.
 */
static void print_namespaces(FILE *out)
{
	int self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	size_t i;

	fputs("\"ns\":{", out);
	for (i = 0; i < NAMESPACES; i++) {
		char name[64], link[64];
		struct stat st;
		int fd = -1;

		fprintf(out, "%s\"%s\":", i ? "," : "", namespaces[i].name);
		if (self >= 0)
			fd = (int)syscall(SYS_ioctl, self,
					  PIDFD_GET_NAMESPACE(i + 1), 0);
		snprintf(name, sizeof(name), "ns/%s", namespaces[i].name);
		if (fd >= 0 && fstat(fd, &st) == 0)
			fprintf(out, "\"%s:[%ju]\"", namespaces[i].kind,
				(uintmax_t)st.st_ino);
		else
			json_string(out, proc_link(name, link, sizeof(link)) > 0
					 ? link : NULL);
		if (fd >= 0)
			close(fd);
	}
	fputs("}", out);
	if (self >= 0)
		close(self);
}

static void print_ids(FILE *out)
{
	uid_t ruid = 0, euid = 0, suid = 0;
	gid_t rgid = 0, egid = 0, sgid = 0, groups[256];
	int n, i;

	if (getresuid(&ruid, &euid, &suid) || getresgid(&rgid, &egid, &sgid))
		fprintf(stderr, "probe: ids: %s\n", strerror(errno));
	fprintf(out, "\"uid\":%u,\"euid\":%u,\"suid\":%u,", ruid, euid, suid);
	fprintf(out, "\"gid\":%u,\"egid\":%u,\"sgid\":%u,", rgid, egid, sgid);
	fputs("\"groups\":[", out);
	n = getgroups(256, groups);
	for (i = 0; i < n; i++)
		fprintf(out, "%s%u", i ? "," : "", groups[i]);
	fputs("]", out);
}

static void print_caps(FILE *out)
{
	struct {
		uint32_t version;
		int pid;
	} head = { 0x20080522, 0 };
	struct {
		uint32_t effective, permitted, inheritable;
	} set[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	uint64_t bounding = 0, ambient = 0;
	unsigned long cap;

	if (syscall(SYS_capget, &head, set) != 0)
		fprintf(stderr, "probe: capget: %s\n", strerror(errno));
	for (cap = 0; cap < 64; cap++) {
		int in = prctl(PR_CAPBSET_READ, cap, 0L, 0L, 0L);

		if (in < 0)
			break;
		if (in > 0)
			bounding |= UINT64_C(1) << cap;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0L, 0L) > 0)
			ambient |= UINT64_C(1) << cap;
	}
#define BOTH(field) ((uint64_t)set[1].field << 32 | set[0].field)
	fprintf(out, "\"caps\":{\"inheritable\":\"%016jx\",\"permitted\":\"%016jx\",",
		(uintmax_t)BOTH(inheritable), (uintmax_t)BOTH(permitted));
	fprintf(out, "\"effective\":\"%016jx\",\"bounding\":\"%016jx\",",
		(uintmax_t)BOTH(effective), (uintmax_t)bounding);
	fprintf(out, "\"ambient\":\"%016jx\"},", (uintmax_t)ambient);
#undef BOTH
	fprintf(out, "\"no_new_privs\":%d,\"seccomp\":%d,\"dumpable\":%d,",
		prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L),
		prctl(PR_GET_SECCOMP, 0L, 0L, 0L, 0L),
		prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L));
	fprintf(out, "\"keepcaps\":%d,\"securebits\":%d",
		prctl(PR_GET_KEEPCAPS, 0L, 0L, 0L, 0L),
		prctl(PR_GET_SECUREBITS, 0L, 0L, 0L, 0L));
}

static void print_place(FILE *out, const char *name, const char *path)
{
	struct stat st;

	fprintf(out, "\"%s\":", name);
	if (stat(path, &st) == 0)
		fprintf(out, "\"%ju:%ju\"", (uintmax_t)st.st_dev,
			(uintmax_t)st.st_ino);
	else
		json_string(out, strerror(errno));
}

/* The raw call: a libc turns "(unreachable)/..." into ENOENT or guesses. */
static void print_cwd(FILE *out)
{
	char cwd[4096];

	fputs("\"cwd\":", out);
	if (syscall(SYS_getcwd, cwd, sizeof(cwd)) > 0)
		json_string(out, cwd);
	else
		json_string(out, errno == ENOENT ? "ENOENT" : strerror(errno));
	fputc(',', out);
	print_place(out, "cwd_inode", ".");
	fputc(',', out);
	print_place(out, "root_inode", "/");
}

/*
 * Raw system calls, because a libc hides signals 32 to 34. The kernel's
 * sigaction starts with the handler on every architecture but MIPS.
 */
static void print_signals(FILE *out)
{
	uint64_t blocked = 0, pending = 0, ignored = 0;
	int sig;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, 8);
	syscall(SYS_rt_sigpending, &pending, 8);
	for (sig = 1; sig <= NSIGNALS; sig++) {
		struct {
			void (*handler)(int);
			unsigned long rest[8];
		} action = { .handler = SIG_DFL };

		syscall(SYS_rt_sigaction, sig, NULL, &action, 8);
		if (action.handler == SIG_IGN)
			ignored |= UINT64_C(1) << (sig - 1);
	}
	fprintf(out, "\"signals\":{\"blocked\":\"%016jx\",\"ignored\":\"%016jx\",",
		(uintmax_t)blocked, (uintmax_t)ignored);
	fprintf(out, "\"pending\":\"%016jx\"}", (uintmax_t)pending);
}

static void print_limit(FILE *out, rlim_t value)
{
	if (value == RLIM_INFINITY)
		fputs("\"unlimited\"", out);
	else
		fprintf(out, "%ju", (uintmax_t)value);
}

static void print_limits(FILE *out)
{
	static const char *const names[] = {
		"cpu", "fsize", "data", "stack", "core", "rss", "nproc",
		"nofile", "memlock", "as", "locks", "sigpending", "msgqueue",
		"nice", "rtprio", "rttime",
	};
	size_t i;

	fputs("\"rlimits\":{", out);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct rlimit limit = { 0, 0 };

		getrlimit((int)i, &limit);
		fprintf(out, "%s\"%s\":[", i ? "," : "", names[i]);
		print_limit(out, limit.rlim_cur);
		fputc(',', out);
		print_limit(out, limit.rlim_max);
		fputc(']', out);
	}
	fputs("}", out);
}

static void print_fd_type(FILE *out, const struct stat *st)
{
	const char *type = "anon";

	switch (st->st_mode & S_IFMT) {
	case S_IFREG: type = "file"; break;
	case S_IFDIR: type = "dir"; break;
	case S_IFIFO: type = "pipe"; break;
	case S_IFSOCK: type = "socket"; break;
	case S_IFLNK: type = "link"; break;
	case S_IFBLK: type = "block"; break;
	case S_IFCHR:
		fprintf(out, "\"char %u:%u\"", major(st->st_rdev),
			minor(st->st_rdev));
		return;
	default: break;
	}
	json_string(out, type);
}

/* By asking for each number, not by listing /proc/self/fd: no /proc needed. */
static void print_fds(FILE *out)
{
	struct rlimit limit = { 1024, 1024 };
	const char *comma = "";
	int fd, last;

	getrlimit(RLIMIT_NOFILE, &limit);
	last = limit.rlim_cur > MAX_FDS ? MAX_FDS : (int)limit.rlim_cur;
	if (last < 1024)
		last = 1024;
	fputs("\"fds\":[", out);
	for (fd = 0; fd < last; fd++) {
		int flags = fcntl(fd, F_GETFD);
		char name[32], link[4096];
		struct stat st;

		if (flags < 0)
			continue;
		fprintf(out, "%s{\"fd\":%d,\"type\":", comma, fd);
		comma = ",";
		if (fstat(fd, &st) == 0)
			print_fd_type(out, &st);
		else
			json_string(out, strerror(errno));
		snprintf(name, sizeof(name), "fd/%d", fd);
		fputs(",\"link\":", out);
		json_string(out, proc_link(name, link, sizeof(link)) >= 0
				 ? link : NULL);
		fprintf(out, ",\"flags\":\"0%o\",\"cloexec\":%s}",
			(unsigned int)fcntl(fd, F_GETFL),
			flags & FD_CLOEXEC ? "true" : "false");
	}
	fputs("]", out);
}

static void print_scheduling(FILE *out)
{
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	fprintf(out, "\"sid\":%d,\"pgrp\":%d,", getsid(0), getpgrp());
	fprintf(out, "\"tty\":%s,\"foreground\":%s,", tty >= 0 ? "true" : "false",
		tty >= 0 && tcgetpgrp(tty) == getpgrp() ? "true" : "false");
	if (tty >= 0)
		close(tty);
	fprintf(out, "\"nice\":%d,\"scheduler\":%d,",
		getpriority(PRIO_PROCESS, 0),
		(int)syscall(SYS_sched_getscheduler, 0));
	fprintf(out, "\"timerslack\":%d,\"personality\":%d",
		prctl(PR_GET_TIMERSLACK, 0L, 0L, 0L, 0L),
		personality(0xffffffff));
}

static void print_proc_text(FILE *out, const char *name, const char *file)
{
	static char buf[16384];
	ssize_t n = proc_read(file, buf, sizeof(buf));

	fprintf(out, "\"%s\":", name);
	if (n > 0 && buf[n - 1] == '\n')
		buf[n - 1] = '\0';
	json_string(out, n >= 0 ? buf : NULL);
}

static void print_all(FILE *out, char *const *argv)
{
	struct utsname uts;
	struct timespec boot = { 0, 0 };
	mode_t mask = umask(0);
	int deathsig = 0;

	umask(mask);
	prctl(PR_GET_PDEATHSIG, &deathsig, 0L, 0L, 0L);
	uname(&uts);
	clock_gettime(CLOCK_BOOTTIME, &boot);

	fprintf(out, "{\"probe\":1,\"pid\":%d,\"ppid\":%d,", getpid(), getppid());
	print_fds(out);
	fputc(',', out);
	print_namespaces(out);
	fputc(',', out);
	print_ids(out);
	fputc(',', out);
	print_caps(out);
	fputc(',', out);
	print_cwd(out);
	fprintf(out, ",\"umask\":\"%04o\",\"pdeathsig\":%d,",
		(unsigned int)mask, deathsig);
	print_signals(out);
	fputc(',', out);
	print_limits(out);
	fputc(',', out);
	print_scheduling(out);
	fputs(",\"hostname\":", out);
	json_string(out, uts.nodename);
	fprintf(out, ",\"boottime\":%jd,", (intmax_t)boot.tv_sec);
	print_proc_text(out, "oom_score_adj", "oom_score_adj");
	fputc(',', out);
	print_proc_text(out, "cgroup", "cgroup");
	fputc(',', out);
	print_proc_text(out, "comm", "comm");
	fputs(",\"argv\":", out);
	json_strings(out, argv);
	fputs(",\"env\":", out);
	json_strings(out, environ);
	fputs("}\n", out);
}

/* At once: nothing is written before everything has been looked at. */
static int report(int fd, char *const *argv)
{
	char *text = NULL;
	size_t size = 0, done = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return 1;
	print_all(out, argv);
	if (fclose(out) != 0)
		return 1;
	while (done < size) {
		ssize_t n = write(fd, text + done, size - done);

		if (n < 0 && errno != EINTR) {
			fprintf(stderr, "probe: write: %s\n", strerror(errno));
			return 1;
		}
		if (n > 0)
			done += (size_t)n;
	}
	free(text);
	return 0;
}

/* Whatever disposition and mask were inherited: this must kill. */
static int die_of(int sig)
{
	struct {
		void (*handler)(int);
		unsigned long rest[8];
	} action = { .handler = SIG_DFL };
	uint64_t none = 0;
	int i;

	for (i = 0; i < 8; i++)
		action.rest[i] = 0;
	syscall(SYS_rt_sigaction, sig, &action, NULL, 8);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
	syscall(SYS_kill, getpid(), sig);
	return 99;
}

static int fork_and_report(int fd, char *const *argv)
{
	int status = 0;
	pid_t child = fork();

	if (child < 0) {
		fprintf(stderr, "probe: fork: %s\n", strerror(errno));
		return 1;
	}
	if (child == 0)
		_exit(report(fd, argv));
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int sleep_for_ever(int fd, bool with_parent)
{
	if (with_parent)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0L, 0L, 0L);
	if (write(fd, "ready\n", 6) != 6)
		return 1;
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	int fd = STDOUT_FILENO, i = 1;
	const char *word;

	for (; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--fd"))
			fd = atoi(argv[i + 1]);
		else if (!strcmp(argv[i], "--proc"))
			proc_fd = atoi(argv[i + 1]);
		else
			break;
	}
	if (proc_fd >= 0)
		proc_prefix = "";
	word = i < argc ? argv[i] : "";
	if (!strcmp(word, "true"))
		return 0;
	if (!strcmp(word, "exit") && i + 1 < argc)
		return atoi(argv[i + 1]);
	if (!strcmp(word, "kill") && i + 1 < argc)
		return die_of(atoi(argv[i + 1]));
	if (!strcmp(word, "stop")) {
		raise(SIGSTOP);
		return 7;
	}
	if (!strcmp(word, "sleep"))
		return sleep_for_ever(fd, i + 1 < argc &&
				      !strcmp(argv[i + 1], "--pdeathsig"));
	if (!strcmp(word, "fork-probe"))
		return fork_and_report(fd, argv);
	return report(fd, argv);
}
