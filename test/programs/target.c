/*
 * target - a process to enter, with the namespaces that its words ask for.
 *
 *   target WORD...
 *
 *   ns=LIST		unshare (mount,uts,ipc,net,pid,cgroup,user,time)
 *   uidmap=TEXT gidmap=TEXT setgroups=TEXT
 *			maps of the user namespace, written from outside it
 *   time=SECONDS	offsets of the unshared time namespace
 *   fork		go on in a child: the first process of an unshared
 *			pid or time namespace
 *   hostname=NAME
 *   private		mounts do not propagate
 *   tmpfs=DIR proc=DIR devpts=DIR bind=FROM:TO mkdir=DIR copy=FROM:TO
 *   symlink=TEXT:PATH write=PATH:TEXT
 *   pivot=DIR chroot=DIR cwd=DIR
 *   groups=LIST gid=N uid=N
 *
 * Two processes: the monitor, which stays where it was started, and the
 * target, which does the words. The monitor prints "ready PID" (the PID as
 * seen outside) when the target has done them all and pauses. The end of the
 * monitor's stdin ends both, and the target dies with the monitor: whatever
 * happens to the test, nothing is left over.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "die.h"
#include "words.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open	434
#endif

#ifndef SYS_close_range
#define SYS_close_range	436
#endif

#define MESSAGE	1024

/* The target's end of the socket to the monitor. */
static int monitor = -1;

/* ---- the target ---- */

/* Ask the monitor, and wait until it has done it. */
static void ask(const char *request)
{
	char answer[MESSAGE];
	ssize_t n;

	if (send(monitor, request, strlen(request) + 1, MSG_NOSIGNAL) < 0)
		die("monitor is gone at %s", request);
	n = recv(monitor, answer, sizeof(answer) - 1, 0);
	if (n <= 0)
		die("no answer to %s", request);
	answer[n] = '\0';
	errno = atoi(answer);
	if (errno)
		die("%s", request);
}

/*
 * The child is a child of the monitor, not of this process, which ends:
 * then there is one target to wait for, whatever its words are.
 */
static void go_on_in_child(void)
{
	long child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	check((int)child, "fork");
	if (child > 0)
		_exit(0);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	check(fd, path);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("write %s", path);
	close(fd);
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	char buf[65536];
	ssize_t n;

	check(in, from);
	check(out, to);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, (size_t)n) != n)
			die("write %s", to);
	check((int)n, from);
	close(in);
	close(out);
}

static void bind_mount(const char *from, const char *to)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd >= 0)
		close(fd);
	check(mount(from, to, NULL, MS_BIND, NULL), to);
}

static void pivot(const char *dir)
{
	check(chdir(dir), dir);
	check((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "umount of the old root");
	check(chdir("/"), "/");
}

static void set_offsets(const char *seconds)
{
	char text[128];

	snprintf(text, sizeof(text), "boottime %s 0\nmonotonic %s 0\n", seconds,
		 seconds);
	write_file("/proc/self/timens_offsets", text);
}

static void ask_for(const char *what, const char *value)
{
	char request[MESSAGE];

	snprintf(request, sizeof(request), "%s %s", what, value);
	ask(request);
}

static void set_groups(char *list)
{
	unsigned int groups[MAX_NUMBERS];
	size_t n = numbers(list, groups);

	check(setgroups(n, groups), "setgroups");
}

static bool do_mount_word(char *word)
{
	char *value, *second;

	if (!strcmp(word, "private")) {
		check(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), word);
	} else if ((value = value_of(word, "tmpfs"))) {
		check(mount("tmpfs", value, "tmpfs", 0, "mode=755"), value);
	} else if ((value = value_of(word, "proc"))) {
		check(mount("proc", value, "proc", 0, NULL), value);
	} else if ((value = value_of(word, "devpts"))) {
		check(mount("devpts", value, "devpts", 0, "newinstance,ptmxmode=0666,mode=0620"), value);
	} else if ((value = value_of(word, "bind"))) {
		second = cut(value);
		bind_mount(value, second);
	} else if ((value = value_of(word, "mkdir"))) {
		check(mkdir(value, 0755), value);
	} else if ((value = value_of(word, "copy"))) {
		second = cut(value);
		copy_file(value, second);
	} else if ((value = value_of(word, "symlink"))) {
		second = cut(value);
		check(symlink(value, second), second);
	} else if ((value = value_of(word, "write"))) {
		second = cut(value);
		write_file(value, second);
	} else if ((value = value_of(word, "pivot"))) {
		pivot(value);
	} else if ((value = value_of(word, "chroot"))) {
		check(chroot(value), value);
	} else {
		return false;
	}
	return true;
}

static void do_word(char *word)
{
	char *value;

	if (do_mount_word(word))
		return;
	if ((value = value_of(word, "ns")))
		check(unshare(namespace_flags(value)), "unshare");
	else if ((value = value_of(word, "uidmap")))
		ask_for("uid_map", value);
	else if ((value = value_of(word, "gidmap")))
		ask_for("gid_map", value);
	else if ((value = value_of(word, "setgroups")))
		ask_for("setgroups", value);
	else if ((value = value_of(word, "time")))
		set_offsets(value);
	else if (!strcmp(word, "fork"))
		go_on_in_child();
	else if ((value = value_of(word, "hostname")))
		check(sethostname(value, strlen(value)), value);
	else if ((value = value_of(word, "cwd")))
		check(chdir(value), value);
	else if ((value = value_of(word, "groups")))
		set_groups(value);
	else if ((value = value_of(word, "gid")))
		check(setresgid(number(value), number(value), number(value)), word);
	else if ((value = value_of(word, "uid")))
		check(setresuid(number(value), number(value), number(value)), word);
	else
		die("unknown word '%s'", word);
}

static void be_target(char **words)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int i;

	check(null, "/dev/null");
	for (; *words; words++)
		do_word(*words);
	/* A change of ids makes /proc/PID root's; a real target has executed since. */
	check(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "PR_SET_DUMPABLE");
	check(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "PR_SET_PDEATHSIG");
	/* Entered programs that outlive their parents come here as to any init. */
	signal(SIGCHLD, SIG_IGN);
	ask("ready");
	for (i = 0; i < 3; i++)
		check(dup2(null, i), "dup2");
	close(null);
	close(monitor);
	for (;;)
		pause();
}

/* ---- the monitor ---- */

static int write_proc(pid_t pid, const char *name, const char *text)
{
	char path[MESSAGE + 32];
	int fd, error = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		error = errno;
	close(fd);
	return error;
}

/*
 * One request; 0 when the target has gone. The kernel tells who asks: a PID
 * that the target could tell would be one of its own namespace.
 */
static pid_t receive(int sock, char *request)
{
	union {
		char room[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = request, .iov_len = MESSAGE - 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	ssize_t n = recvmsg(sock, &message, 0);
	struct cmsghdr *head = n > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	struct ucred sender;

	if (!head || head->cmsg_type != SCM_CREDENTIALS)
		return 0;
	memcpy(&sender, CMSG_DATA(head), sizeof(sender));
	request[n] = '\0';
	return sender.pid;
}

static int serve(pid_t pid, char *request)
{
	char *text = strchr(request, ' ');

	if (!text)
		return 0;
	*text++ = '\0';
	return write_proc(pid, request, text);
}

/* The PID of the target, when it is ready. */
static pid_t serve_until_ready(int sock)
{
	char request[MESSAGE], answer[16];

	for (;;) {
		struct pollfd both[2] = {
			{ .fd = STDIN_FILENO, .events = POLLIN },
			{ .fd = sock, .events = POLLIN },
		};
		pid_t pid;
		bool ready;

		if (poll(both, 2, -1) < 0)
			die("%s", "poll");
		if (both[0].revents)
			_exit(0);	/* the target gets no answer, and ends */
		pid = receive(sock, request);
		if (!pid)
			_exit(1);	/* it has said why */
		ready = !strcmp(request, "ready");
		snprintf(answer, sizeof(answer), "%d", serve(pid, request));
		send(sock, answer, strlen(answer), MSG_NOSIGNAL);
		if (ready)
			return pid;
	}
}

static void watch(pid_t target)
{
	struct pollfd both[2] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = (int)syscall(SYS_pidfd_open, target, 0), .events = POLLIN },
	};

	check(both[1].fd, "pidfd_open");
	printf("ready %d\n", target);
	fflush(stdout);
	while (poll(both, 2, -1) < 0 && errno == EINTR)
		;
	kill(target, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

int main(int argc, char **argv)
{
	int pair[2], on = 1;
	pid_t first;

	(void)argc;
	/* A target holds nothing of the process that started it. */
	syscall(SYS_close_range, 3, ~0U, 0);
	check(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair),
	      "socketpair");
	check(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)),
	      "SO_PASSCRED");
	first = fork();
	check(first, "fork");
	if (first == 0) {
		close(pair[0]);
		monitor = pair[1];
		be_target(argv + 1);
	}
	close(pair[1]);
	watch(serve_until_ready(pair[0]));
	return 0;
}
