/* SPDX-License-Identifier: MIT */
/* The private pseudo-terminal: the host's is opened by the parent, that of a devpts inside by the child, whose controlling terminal it is. */
#define _GNU_SOURCE
#include "entry/open.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

/* The terminal that the caller sees: its size and settings are what the program expects. */
static int callers_terminal(const struct entry *entry)
{
	if (is_callers(STDIN_FILENO) && isatty(STDIN_FILENO))
		return STDIN_FILENO;
	if (entry->terminal >= 0)
		return entry->terminal;
	return is_callers(STDOUT_FILENO) && isatty(STDOUT_FILENO) ? STDOUT_FILENO : -1;
}

/* What is no terminal is not echoed: it would come out among the program's output. */
static void dress(const struct entry *entry, int slave)
{
	struct termios settings;
	struct winsize size;
	int terminal = callers_terminal(entry);
	/* In the background they are those of the shell's line editor. */
	bool known = terminal >= 0 && may_use(terminal) && tcgetattr(terminal, &settings) == 0;

	if (terminal >= 0 && ioctl(terminal, TIOCGWINSZ, &size) == 0)
		(void)ioctl(slave, TIOCSWINSZ, &size);
	set_size(entry, slave);
	if (!known && tcgetattr(slave, &settings))
		return;
	if (terminal != STDIN_FILENO) {
		settings.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
		/* The caller's terminal is not raw then: one of the two is to make line ends of its own. */
		if (is_callers(STDOUT_FILENO) && isatty(STDOUT_FILENO))
			settings.c_oflag &= ~(tcflag_t)OPOST;
	}
	(void)tcsetattr(slave, TCSANOW, &settings);
}

/*
 * The other side is opened from this one, by no path that could lead elsewhere (ioctl_tty(2), TIOCGPTPEER, Linux 4.13).
 * False with errno where that fails.
 */
static bool adopt(struct entry *entry, int master)
{
	int unlocked = 0, slave;

	if (ioctl(master, TIOCSPTLCK, &unlocked) ||
	    (slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
		(void)close(master);
		return false;
	}
	if (entry->master >= 0) {
		(void)close(entry->master);
		(void)close(entry->slave);
	}
	entry->master = above_standard(entry, master);
	entry->slave = above_standard(entry, slave);
	entry->pty_error = 0;
	dress(entry, entry->slave);
	return true;
}

/*
 * A description of the caller's output that does not block: what is shared with the caller stays as it is. Sockets cannot be
 * opened anew, and a file would be written from its beginning.
 */
static int open_output(const struct entry *entry)
{
	struct stat file;
	int output;

	if (!is_callers(STDOUT_FILENO) || fstat(STDOUT_FILENO, &file) ||
	    !(S_ISFIFO(file.st_mode) || isatty(STDOUT_FILENO)))
		return -1;
	output = open("/proc/self/fd/1", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (output < 0 && is_scarcity(errno))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", "standard output anew", NULL);
	return above_standard(entry, output);
}

/* In the child the stream is the pseudo-terminal; what it has to say is for the caller all the same. */
static int keep_messages(const struct entry *entry)
{
	int messages;

	if (!is_callers(STDERR_FILENO))
		return entry->messages;
	messages = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (messages < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "duplicate", "standard error", NULL);
	return messages;
}

/* The host's: opened before anything is entered. Where that fails there may still be one inside. */
void step_pty(struct entry *entry, const char *operand)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	entry->has_pty = true;
	if (*operand)
		entry->escape = (int)whole_number(entry, operand, UCHAR_MAX);
	if (master < 0 || !adopt(entry, master))
		entry->pty_error = errno;
	entry->output = open_output(entry);
	entry->messages = keep_messages(entry);
}

/*
 * Only a devpts counts, and nothing that is mounted over its ptmx: the target may have put anything at these paths.
 * openat2(2) is of Linux 5.6.
 */
static int open_ptmx_inside(void)
{
	struct open_how how = {
		.flags = O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH,
	};
	struct statfs filesystem;
	int master = -1, directory = open_inside("/dev/pts", O_PATH | O_DIRECTORY);

	if (directory < 0)
		return -1;
	errno = ENODEV;
	if (fstatfs(directory, &filesystem) == 0 && filesystem.f_type == DEVPTS_SUPER_MAGIC)
		master = (int)syscall(SYS_openat2, directory, "ptmx", &how, sizeof(how));
	(void)close(directory);
	return master;
}

/*
 * UID: whose the terminal is to be. It belongs to whom opens it, and in a user namespace only who is mapped there can be
 * an owner. Without a devpts inside, the host's stays.
 */
void step_pty_inside(struct entry *entry, const char *operand)
{
	int master;

	if (*operand) {
		int own = setfsuid(take_uid(entry, operand));

		/* What it opens may hold it. */
		hide_again(entry);
		watch_parent_again(entry);
		master = open_ptmx_inside();
		int error = errno;

		(void)setfsuid((uid_t)own);
		hide_again(entry);
		watch_parent_again(entry);
		errno = error;
		/* A devpts of the host's kind lets only root open its ptmx. */
		if (master < 0 && errno == EACCES)
			master = open_ptmx_inside();
	} else {
		master = open_ptmx_inside();
	}
	/* That of the host would be there all the same, but not what was asked for. */
	if ((master < 0 || !adopt(entry, master)) && is_scarcity(errno))
		entry->pty_error = errno;
}

/* One byte, and the descriptor of the side that the parent relays. */
struct handover {
	char byte;
	struct iovec bytes;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr message;
};

static void prepare_handover(struct handover *handover)
{
	handover->byte = 0;
	handover->bytes = (struct iovec){ &handover->byte, 1 };
	handover->message = (struct msghdr){
		.msg_iov = &handover->bytes,
		.msg_iovlen = 1,
		.msg_control = handover->control,
		.msg_controllen = sizeof(handover->control),
	};
}

/*
 * The parent answers when the caller's terminal is ready: what is typed from then on is for the program. The answer is an errno, which
 * the parent, who has closed all that messages go to, cannot tell.
 */
static void hand_over(const struct entry *entry)
{
	struct handover handover;
	struct cmsghdr *descriptors;
	int answer;
	ssize_t count;

	prepare_handover(&handover);
	descriptors = CMSG_FIRSTHDR(&handover.message);
	*descriptors = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(int)),
	};
	memcpy(CMSG_DATA(descriptors), &entry->master, sizeof(int));
	if (sendmsg(entry->channel, &handover.message, MSG_NOSIGNAL) != 1)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "hand over", "pseudo-terminal", NULL);
	while ((count = read(entry->channel, &answer, sizeof(answer))) < 0 && errno == EINTR)
		;
	/* Without a parent nobody reads what the program writes. */
	if (count != sizeof(answer))
		fail(entry, EXIT_OWN_FAILURE, count < 0 ? errno : EPIPE, NULL, "hand over", "pseudo-terminal", NULL);
	if (answer != 0)
		fail(entry, EXIT_OWN_FAILURE, answer, NULL, "relay", "pseudo-terminal", NULL);
}

int take_pty(struct entry *entry, int channel)
{
	struct handover handover;
	struct cmsghdr *descriptors;
	int master, slave;
	ssize_t count;

	prepare_handover(&handover);
	while ((count = recvmsg(channel, &handover.message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (count < 0)
		return errno;
	if (count == 0)
		return -1;
	descriptors = CMSG_FIRSTHDR(&handover.message);
	/* There was no room for another one. */
	if (!descriptors || descriptors->cmsg_type != SCM_RIGHTS)
		return EMFILE;
	memcpy(&master, CMSG_DATA(descriptors), sizeof(int));
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0) {
		int error = errno;

		(void)close(master);
		return error;
	}
	if (entry->master >= 0) {
		(void)close(entry->master);
		(void)close(entry->slave);
	}
	entry->master = master;
	entry->slave = slave;
	/* It may be another one since the child began. */
	set_size(entry, master);
	return 0;
}

static const char *why_not_opened(int error)
{
	return error == ENOSPC ? "As many are open as may be: kernel.pty.max, or max= of the devpts that is mounted (sysctl(8), mount(8))." :
				 NULL;
}

/* UID: whose the terminal is to be. In the child: a session of its own, whose terminal it is. */
void step_attach_pty(struct entry *entry, const char *operand)
{
	if (entry->pty_error)
		fail(entry, EXIT_OWN_FAILURE, entry->pty_error, why_not_opened(entry->pty_error), "open", "pseudo-terminal", NULL);
	hand_over(entry);
	if (*operand)
		/* Refused where the owner is not mapped in the entered user namespace: it is the caller's, then. */
		(void)!fchown(entry->slave, take_uid(entry, operand), (gid_t)-1);
	if (setsid() < 0 || ioctl(entry->slave, TIOCSCTTY, 0))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "take", "pseudo-terminal", NULL);
	for (int stream = 0; stream <= STDERR_FILENO; stream++)
		if (dup2(entry->slave, stream) < 0)
			fail(entry, EXIT_OWN_FAILURE, errno, NULL, "duplicate", "descriptor", NULL);
	if (entry->terminal >= 0)
		(void)close(entry->terminal);
	entry->terminal = -1;
}
