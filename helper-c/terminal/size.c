/* SPDX-License-Identifier: MIT */
/* The size of the program's pseudo-terminal, where who spawned this process says it: there may be no terminal to take it from. */
#include "terminal/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ROWSxCOLUMNS:FD. 0x0: what the caller's terminal has. */
void step_pty_size(struct entry *entry, const char *operand)
{
	entry->rows = (unsigned short)take_number(entry, &operand, USHRT_MAX);
	if (*operand++ != 'x')
		fail_word(entry, operand);
	entry->columns = (unsigned short)take_number(entry, &operand, USHRT_MAX);
	if (*operand++ != ':')
		fail_word(entry, operand);
	entry->sizes = whole_fd(entry, operand);
	if (fcntl(entry->sizes, F_SETFD, FD_CLOEXEC))
		fail_word(entry, operand);
}

/* The kernel tells the program where it is another one. */
void set_size(const struct entry *entry, int terminal)
{
	struct winsize size = { .ws_row = entry->rows, .ws_col = entry->columns };

	if (entry->rows > 0 || entry->columns > 0)
		(void)ioctl(terminal, TIOCSWINSZ, &size);
}

/* Rows and columns, two bytes each, of which the library writes both at once; the end says that there will be no other. */
void take_size(struct entry *entry)
{
	unsigned short size[2];
	ssize_t count = read(entry->sizes, size, sizeof(size));

	if (count == sizeof(size)) {
		entry->rows = size[0];
		entry->columns = size[1];
		if (entry->master >= 0)
			set_size(entry, entry->master);
	} else if (count >= 0 || errno != EINTR) {
		(void)close(entry->sizes);
		entry->sizes = -1;
	}
}
