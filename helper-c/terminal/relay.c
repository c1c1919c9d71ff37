/* SPDX-License-Identifier: MIT */
/* Between the caller's streams and the pseudo-terminal: bytes, its size, and the caller's terminal in raw mode meanwhile. */
#define _GNU_SOURCE
#include "entry/seldom.h"
#include "entry/signals.h"
#include "terminal/escape-sequence.h"
#include "terminal/terminal.h"
#include "terminal/typed-line.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum {
	/* At once, and of output, which waits with the program where nobody takes it. */
	CAPACITY = 64 * 1024,
	/* What is typed, or pasted, and the escape sequence behind it. */
	MOST_TYPED = 1024 * 1024,
	/* What the kernel may hold of a terminal's output: 64 KiB, and 4 in the line discipline (tty_buffer.c, n_tty.c). */
	MOST_AFTER_END = 128 * 1024,
	/* One for a character, and one for an escape character that was withheld before it. */
	LEAST_ROOM = 2,
	FIRST_LOOK = 20,
	LAST_LOOK = 2560,
	MOST_REPEATS = 8,
};

enum { INPUT, TERMINAL, OUTPUT };

struct buffer {
	size_t start, end, size;
	unsigned char *bytes;
};

static struct {
	bool active;
	int master, slave;
	/* -1: closed; a socket cannot be opened anew, and is asked not to block at each call */
	int output;
	bool output_blocks;
	/* why what the program wrote could not be written on, and not all of the input be read; 0: it was */
	int output_error, input_error;
	/* where the size comes from; -1: nowhere */
	int sized;
	bool input_is_terminal, input_ended, end_is_due, within_line;
	bool raw, keys_are_programs;
	struct termios settings;
	/* the mode in which the program was told of the end of an input that comes to nobody else; it takes one for each */
	bool end_was_told, end_had_lines;
	/* in how many milliseconds it is looked at again, and whether nothing has happened since the last time */
	int next_look;
	bool is_idle;
	int repeats;
	size_t after_end;
	/* of an input that is no terminal: what was written last */
	struct typed_line line;
} relay;

static SELDOM_WRITTEN unsigned char input_bytes[CAPACITY], output_bytes[CAPACITY];
static struct buffer from_caller, from_program;

static bool is_empty(const struct buffer *buffer)
{
	return buffer->start == buffer->end;
}

/* A limit of memory counts what is mapped, so it is no array; and where it allows no more, less can be typed ahead. */
static struct buffer room_for_input(bool is_typed)
{
	void *room = is_typed ? mmap(NULL, MOST_TYPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;

	if (room == MAP_FAILED)
		return (struct buffer){ .size = sizeof(input_bytes), .bytes = input_bytes };
	return (struct buffer){ .size = MOST_TYPED, .bytes = room };
}

/* For one read(2); where there is enough, nothing is moved. */
static void make_room(struct buffer *buffer)
{
	if (!is_empty(buffer) && buffer->size - buffer->end > CAPACITY)
		return;
	if (buffer->start > 0)
		memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
	buffer->end -= buffer->start;
	buffer->start = 0;
}

/*
 * Raw wherever the input is: what is typed is for the program and its terminal, also where the output goes through tee(1) or into a file. A job
 * in the background stops, as ssh(1) does: the shell tells nobody that is running that it has come to the foreground.
 */
static void use_terminal(void)
{
	struct termios settings;

	if (!relay.input_is_terminal || relay.input_ended)
		return;
	if (!may_use(STDIN_FILENO))
		let_signal_act(SIGTTIN);
	if (!may_use(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &relay.settings))
		return;
	settings = relay.settings;
	cfmakeraw(&settings);
	relay.raw = relay.keys_are_programs = tcsetattr(STDIN_FILENO, TCSANOW, &settings) == 0;
}

void leave_terminal(void)
{
	if (relay.raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &relay.settings);
	relay.raw = relay.keys_are_programs = false;
}

bool keys_are_programs(void)
{
	return relay.keys_are_programs;
}

void take_keys_back(void)
{
	struct termios settings = relay.settings;

	/* What is still to be written was made for a raw terminal. */
	settings.c_oflag &= ~(tcflag_t)OPOST;
	if (relay.keys_are_programs)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &settings);
	relay.keys_are_programs = false;
}

void start_relay(const struct entry *entry)
{
	relay.active = true;
	relay.master = entry->master;
	relay.slave = entry->slave;
	begin_escapes(entry->escape, entry->messages);
	relay.input_ended = !is_callers(STDIN_FILENO);
	relay.end_is_due = relay.input_ended;
	relay.input_is_terminal = !relay.input_ended && isatty(STDIN_FILENO);
	from_caller = room_for_input(relay.input_is_terminal);
	from_program = (struct buffer){ .size = sizeof(output_bytes), .bytes = output_bytes };
	relay.output_blocks = entry->output < 0;
	relay.output = entry->output >= 0 ? entry->output : is_callers(STDOUT_FILENO) ? STDOUT_FILENO : -1;
	relay.sized = relay.input_is_terminal ? STDIN_FILENO : entry->terminal;
	if (relay.sized < 0 && relay.output >= 0 && isatty(relay.output))
		relay.sized = relay.output;
	use_terminal();
}

void refresh_relay(void)
{
	struct winsize size;

	if (!relay.active)
		return;
	/* The kernel tells the program where the size is another one. */
	if (relay.sized >= 0 && relay.master >= 0 && ioctl(relay.sized, TIOCGWINSZ, &size) == 0)
		(void)ioctl(relay.master, TIOCSWINSZ, &size);
	if (!relay.raw)
		use_terminal();
}

void hang_up_relay(void)
{
	if (!relay.active)
		return;
	if (relay.master >= 0) {
		(void)close(relay.slave);
		(void)close(relay.master);
	}
	relay.master = -1;
	relay.input_ended = true;
	from_caller.start = from_caller.end = 0;
}

/* Where it is disabled there is no end of file that could be told. */
static bool has_end(const struct termios *settings)
{
	return settings->c_cc[VEOF] != _POSIX_VDISABLE;
}

/*
 * A terminal's end of file is a character of its settings; within a line the first one only ends the line, and behind VLNEXT it is a part of
 * it. Line editors take it as well. To a program that wants bytes as they are it would be one more, so it has to wait until there is another.
 */
static void add_end(void)
{
	struct buffer *buffer = &from_caller;
	struct termios settings;
	bool has_lines;
	int times = 1;

	if (relay.master < 0 || tcgetattr(relay.slave, &settings) || !(settings.c_lflag & (ICANON | ISIG)) || !has_end(&settings))
		return;
	has_lines = settings.c_lflag & ICANON;
	if (has_lines)
		times += (relay.within_line || relay.line.length > 0) + relay.line.is_literal;
	relay.end_is_due = relay.within_line = false;
	relay.line = (struct typed_line){ 0 };
	buffer->start = buffer->end = 0;
	for (; times > 0; times--)
		buffer->bytes[buffer->end++] = settings.c_cc[VEOF];
	relay.end_was_told = relay.input_ended;
	relay.end_had_lines = has_lines;
	relay.next_look = FIRST_LOOK;
}

/*
 * A line editor that changes the mode while an end of file waits there takes it for a character of no meaning, and would wait for ever. It may
 * also have taken it ahead, together with the line before it, and thrown it away: where nothing waits any more it is told some times more.
 */
static bool end_was_lost(void)
{
	struct termios settings;
	bool has_lines;
	int waiting;

	if (!relay.end_was_told || relay.master < 0 || tcgetattr(relay.slave, &settings))
		return false;
	has_lines = settings.c_lflag & ICANON;
	if (relay.end_had_lines != has_lines)
		return true;
	if (has_lines || !relay.is_idle || relay.repeats == MOST_REPEATS || ioctl(relay.slave, FIONREAD, &waiting) || waiting > 0)
		return false;
	relay.repeats++;
	return true;
}

/* Nobody is told of another mode: for some seconds after each output it is looked at, less and less often. */
int relay_patience(void)
{
	int look = relay.next_look;

	relay.is_idle = relay.end_was_told && relay.master >= 0 && look <= LAST_LOOK;
	if (!relay.is_idle)
		return -1;
	relay.next_look *= 2;
	return look;
}

/*
 * What is typed is read also while the program takes nothing, for it may be frozen and the escape sequence among it. Other input waits
 * until there is nothing before it: an end of file has to come behind it.
 */
static bool wants_input(void)
{
	const struct buffer *buffer = &from_caller;

	if (relay.master < 0 || relay.input_ended || (relay.input_is_terminal && !may_use(STDIN_FILENO)))
		return false;
	return is_empty(buffer) || (relay.raw && buffer->end - buffer->start <= buffer->size - LEAST_ROOM);
}

void ask_relay(struct pollfd polls[RELAY_POLLS])
{
	if (!relay.active) {
		for (size_t i = 0; i < RELAY_POLLS; i++)
			polls[i] = (struct pollfd){ .fd = -1 };
		return;
	}
	if (is_empty(&from_caller) && (relay.end_is_due || end_was_lost()))
		add_end();
	polls[INPUT] = (struct pollfd){ .fd = wants_input() ? STDIN_FILENO : -1, .events = POLLIN };
	polls[TERMINAL] = (struct pollfd){ .fd = relay.master };
	if (is_empty(&from_program))
		polls[TERMINAL].events |= POLLIN;
	if (!is_empty(&from_caller))
		polls[TERMINAL].events |= POLLOUT;
	if (!polls[TERMINAL].events)
		polls[TERMINAL].fd = -1;
	polls[OUTPUT] = (struct pollfd){ .fd = is_empty(&from_program) ? -1 : relay.output, .events = POLLOUT };
}

static bool may_come_later(int error)
{
	return error == EAGAIN || error == EINTR;
}

static void read_input(short events)
{
	struct buffer *buffer = &from_caller;
	unsigned char *bytes;
	size_t room;
	ssize_t count;

	make_room(buffer);
	/* Behind a place for an escape character that was withheld. */
	bytes = buffer->bytes + buffer->end + 1;
	room = buffer->size - buffer->end - 1;
	count = read(STDIN_FILENO, bytes, room < CAPACITY ? room : CAPACITY);
	if (count > 0) {
		relay.within_line = bytes[count - 1] != '\n';
		if (relay.raw)
			count = (ssize_t)take_escapes(bytes - 1, bytes, (size_t)count);
		else
			memmove(bytes - 1, bytes, (size_t)count);
		buffer->end += (size_t)count;
		return;
	}
	/* Between poll(2) and read(2) it may have become the background: EIO, because SIGTTIN is blocked. */
	if (count < 0 && (may_come_later(errno) || (errno == EIO && !may_use(STDIN_FILENO))))
		return;
	if (count < 0 && errno == EBADF) {
		/* It is open for writing only. */
		relay.input_ended = true;
		return;
	}
	if (relay.raw || (relay.input_is_terminal && (count < 0 || events & POLLHUP))) {
		hang_up_relay();
		return;
	}
	if (count < 0)
		relay.input_error = errno;
	/* Who types an end of file at a terminal may go on typing. */
	relay.input_ended = !relay.input_is_terminal;
	relay.end_is_due = true;
}

/*
 * An end of file within a line hands on what there is of it (termios(3), VEOF). At the beginning of one it would be just that, so it has to stand
 * behind a byte that is there for certain. False where it cannot be written yet.
 */
static bool hand_on_line(const struct termios *settings)
{
	if (!relay.line.is_due || !(settings->c_lflag & ICANON) || !has_end(settings))
		return true;
	return write(relay.master, &settings->c_cc[VEOF], 1) == 1 || !may_come_later(errno);
}

static void write_to_program(void)
{
	struct buffer *buffer = &from_caller;
	const unsigned char *bytes = buffer->bytes + buffer->start;
	size_t length = buffer->end - buffer->start;
	struct termios settings = { 0 };
	struct typed_line line;
	ssize_t count;

	if (!relay.input_is_terminal) {
		(void)tcgetattr(relay.slave, &settings);
		if (!hand_on_line(&settings))
			return;
		relay.line.is_due = false;
		line = relay.line;
		length = follow_line(&line, bytes, length, &settings);
	}
	count = write(relay.master, bytes, length);
	if (count > 0) {
		buffer->start += (size_t)count;
		if (!relay.input_is_terminal)
			(void)follow_line(&relay.line, bytes, (size_t)count, &settings);
	} else if (count < 0 && !may_come_later(errno)) {
		buffer->start = buffer->end;
	}
}

/* After vhangup(2) inside the terminal is dead until it is opened again. */
static void reopen_slave(void)
{
	(void)close(relay.slave);
	relay.slave = ioctl(relay.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (relay.slave < 0)
		hang_up_relay();
}

static void lose_output(int error)
{
	relay.output_error = error;
	relay.output = -1;
	from_program.start = from_program.end;
	hang_up_relay();
}

static void read_from_program(void)
{
	struct buffer *buffer = &from_program;

	buffer->start = buffer->end = 0;
	while (buffer->end < buffer->size) {
		ssize_t count = read(relay.master, buffer->bytes + buffer->end, buffer->size - buffer->end);

		if (count <= 0) {
			if (count < 0 && errno == EIO)
				reopen_slave();
			break;
		}
		buffer->end += (size_t)count;
	}
	if (!is_empty(buffer))
		relay.next_look = FIRST_LOOK;
	if (relay.output < 0 && !is_empty(buffer))
		lose_output(EBADF);
}

static void write_output(void)
{
	struct buffer *buffer = &from_program;
	const unsigned char *bytes = buffer->bytes + buffer->start;
	size_t length = buffer->end - buffer->start;
	ssize_t count;

	if (relay.output_blocks) {
		count = send(relay.output, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (count < 0 && errno == ENOTSOCK)
			/* There is room for as much as is written to a pipe in one piece, or it is a file. */
			count = write(relay.output, bytes, length < PIPE_BUF ? length : PIPE_BUF);
	} else {
		count = write(relay.output, bytes, length);
	}
	if (count >= 0) {
		buffer->start += (size_t)count;
	} else if (!may_come_later(errno)) {
		lose_output(errno);
	}
}

void run_relay(const struct pollfd polls[RELAY_POLLS])
{
	if (polls[OUTPUT].revents || polls[INPUT].revents || polls[TERMINAL].revents)
		relay.is_idle = false;
	if (polls[OUTPUT].revents)
		write_output();
	if (polls[INPUT].revents)
		read_input(polls[INPUT].revents);
	if (relay.master >= 0 && polls[TERMINAL].revents & POLLOUT && !is_empty(&from_caller))
		write_to_program();
	if (relay.master >= 0 && polls[TERMINAL].revents & (POLLIN | POLLHUP | POLLERR) && is_empty(&from_program))
		read_from_program();
}

int lost_output(void)
{
	return relay.output_error;
}

int lost_input(void)
{
	return relay.input_error;
}

int typed_signal(void)
{
	const struct {
		cc_t character;
		int signal;
	} keys[] = {
		{ relay.settings.c_cc[VINTR], SIGINT },
		{ relay.settings.c_cc[VQUIT], SIGQUIT },
		{ relay.settings.c_cc[VSUSP], SIGTSTP },
	};

	if (!relay.raw || !(relay.settings.c_lflag & ISIG))
		return 0;
	for (size_t at = from_caller.start; at < from_caller.end; at++)
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (keys[i].character != _POSIX_VDISABLE && from_caller.bytes[at] == keys[i].character) {
				/* What was typed before it goes as well, as a terminal has it (termios(3), NOFLSH). */
				from_caller.start = from_caller.end = 0;
				return keys[i].signal;
			}
	return 0;
}

/* Others may go on writing to the terminal for ever: only what the child can have written is waited for. */
bool relay_is_drained(void)
{
	if (!relay.active)
		return true;
	relay.input_ended = true;
	relay.end_is_due = false;
	from_caller.start = from_caller.end = 0;
	if (is_empty(&from_program) && relay.master >= 0 && relay.after_end < MOST_AFTER_END) {
		read_from_program();
		relay.after_end += from_program.end;
	}
	return is_empty(&from_program);
}
