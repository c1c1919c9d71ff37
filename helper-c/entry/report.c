/* SPDX-License-Identifier: MIT */
/*
 * How a failure is told: to people on stderr, to the library as fields on a descriptor. Only async-signal-safe calls
 * are made, for it happens between fork and exec as well; strerror is, in a program that never sets a locale.
 */
#include "entry/entry.h"
#include "entry/escape.h"
#include "entry/name.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

/* A path of the longest kind, and the words around it; of a longer object the cause must still have room. */
enum { MAX_MESSAGE = 3 * 4096, MAX_OBJECT = MAX_MESSAGE - 1024 };

struct message {
	size_t length;
	char text[MAX_MESSAGE];
};

static void add(struct message *message, const char *text)
{
	size_t length = strlen(text);

	if (length > MAX_MESSAGE - message->length)
		length = MAX_MESSAGE - message->length;
	memcpy(message->text + message->length, text, length);
	message->length += length;
}

char *write_number(char *text, unsigned int number)
{
	char *last = text + 10;

	*last = '\0';
	do {
		*--last = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return last;
}

static void add_number(struct message *message, int number)
{
	char digits[11];

	add(message, write_number(digits, (unsigned int)number));
}

int own_failure(const struct entry *entry)
{
	return entry->failure_status ? entry->failure_status : EXIT_OWN_FAILURE;
}

int exit_status(int error)
{
	return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

const char *describe_error(int error)
{
	/* Where musl's words are others, as far as the calls made here can fail so. */
	switch (error) {
	case EIO:
		return "Input/output error";
	case ECHILD:
		return "No child processes";
	case ENOMEM:
		return "Cannot allocate memory";
	case EBUSY:
		return "Device or resource busy";
	case EXDEV:
		return "Invalid cross-device link";
	case EMFILE:
		return "Too many open files";
	case ENOTTY:
		return "Inappropriate ioctl for device";
	case ENAMETOOLONG:
		return "File name too long";
	case ELOOP:
		return "Too many levels of symbolic links";
	case EOVERFLOW:
		return "Value too large for defined data type";
	case ELIBBAD:
		return "Accessing a corrupted shared library";
	case EUSERS:
		return "Too many users";
	case ENOTSOCK:
		return "Socket operation on non-socket";
	case EOPNOTSUPP:
		return "Operation not supported";
	case EDQUOT:
		return "Disk quota exceeded";
	case ETIMEDOUT:
		return "Connection timed out";
	case EUCLEAN:
		return "Structure needs cleaning";
	default:
		return strerror(error);
	}
}

/* NUL ends a field: no word can hold one. */
static void end_field(struct message *message)
{
	if (message->length < MAX_MESSAGE)
		message->text[message->length++] = '\0';
}

/*
 * Who spawned this process may have ended, which is no reason for a program of its own to die of SIGPIPE. Whatever else keeps it from being
 * sent, as that it is no socket, need not keep it from being written.
 */
static ssize_t put_part(int fd, const char *text, size_t length)
{
	ssize_t sent = send(fd, text, length, MSG_NOSIGNAL);

	return sent < 0 && errno != EPIPE && errno != EINTR ? write(fd, text, length) : sent;
}

static void put(const struct message *message, int fd)
{
	size_t done = 0;

	while (done < message->length) {
		ssize_t written = put_part(fd, message->text + done, message->length - done);

		if (written < 0 && errno != EINTR)
			return;
		if (written > 0)
			done += (size_t)written;
	}
}

static void add_field(struct message *message, const char *text)
{
	add(message, text);
	end_field(message);
}

/*
 * What the library gets is records: `pid` of the child, as this process counts; `exec`; or `failed`, with errno, exit status, verb, object,
 * cause and hint. Each is one write of less than the descriptor holds, so that those of parent and child do not mix.
 */
void tell_child(const struct entry *entry, pid_t child)
{
	struct message message = { .length = 0 };

	if (entry->status_fd < 0)
		return;
	add_field(&message, "pid");
	add_number(&message, child);
	end_field(&message);
	put(&message, entry->status_fd);
}

/* Right before the exec, which closes the descriptor: an end without this word is the end of who was to execute the program. */
void tell_exec(const struct entry *entry)
{
	struct message message = { .length = 0 };

	if (entry->status_fd < 0)
		return;
	add_field(&message, "exec");
	put(&message, entry->status_fd);
}

/* What the library gets is data: it escapes what it makes of it. */
static void add_raw_object(struct message *message, va_list parts)
{
	for (const char *part = va_arg(parts, const char *); part; part = va_arg(parts, const char *))
		add(message, part);
	if (message->length > MAX_OBJECT) {
		message->length = MAX_OBJECT;
		add(message, "...");
	}
}

/* Without the first SKIPPED characters. */
static void add_object(struct message *message, size_t skipped, va_list parts)
{
	char *at = message->text + message->length;
	/* The prefix may be too long already. */
	bool fits = message->length <= MAX_OBJECT;

	for (const char *part = va_arg(parts, const char *); part && fits; part = va_arg(parts, const char *)) {
		size_t length = strlen(part), left_out = skipped < length ? skipped : length;

		skipped -= left_out;
		fits = write_escaped(&at, message->text + MAX_OBJECT, part + left_out);
	}
	message->length = (size_t)(at - message->text);
	if (!fits)
		add(message, "...");
}

/* With a pseudo-terminal the caller's is raw already. */
static const char *line_end(const struct entry *entry)
{
	struct termios settings;
	bool is_raw = entry->master >= 0 && tcgetattr(entry->messages, &settings) == 0 &&
		      !(settings.c_oflag & OPOST);

	return is_raw ? "\r\n" : "\n";
}

/* No addresses: a sealed start relocates no constants (native/start.c). */
static const struct sentence {
	char verb[8], object[32]; /* with which the object begins */
	char before[64];
	bool has_rest; /* of the object */
	char behind[4];
} sentences[] = {
#define SENTENCE(verb, object, before, has_rest, behind) { verb, object, before, has_rest, behind },
	SENTENCES(SENTENCE)
#undef SENTENCE
};

static bool begins_with(const char *beginning, va_list parts)
{
	for (const char *part = va_arg(parts, const char *); part && *beginning; part = va_arg(parts, const char *)) {
		size_t length = strlen(part), wanted = strlen(beginning), least = length < wanted ? length : wanted;

		if (strncmp(part, beginning, least) != 0)
			return false;
		beginning += least;
	}
	return !*beginning;
}

/* NULL: nsenter has none for this, or nobody expects it. */
static const struct sentence *find_sentence(const char *name, const char *verb, va_list parts)
{
	if (!is_nsenter(name))
		return NULL;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(*sentences); i++) {
		va_list object;
		bool fits;

		va_copy(object, parts);
		fits = strcmp(sentences[i].verb, verb) == 0 && begins_with(sentences[i].object, object);
		va_end(object);
		if (fits)
			return sentences + i;
	}
	return NULL;
}

static void add_prefix(struct message *message, const char *prefix, const char *name)
{
	add(message, prefix ? prefix : name);
	add(message, prefix ? " " : ": ");
}

/* What failed, without the cause. */
static void add_what(struct message *message, const char *name, const char *verb, va_list parts)
{
	const struct sentence *sentence = find_sentence(name, verb, parts);

	add(message, sentence ? sentence->before : verb);
	if (!sentence)
		add(message, " ");
	if (!sentence || sentence->has_rest)
		add_object(message, sentence ? strlen(sentence->object) : 0, parts);
	if (sentence)
		add(message, sentence->behind);
}

void fail(const struct entry *entry, int status, int error, const char *hint, const char *verb, ...)
{
	struct message message = { .length = 0 };
	va_list parts;

	if (status == EXIT_OWN_FAILURE)
		status = own_failure(entry);
	va_start(parts, verb);
	if (entry->status_fd >= 0) {
		add_field(&message, "failed");
		add_number(&message, error);
		end_field(&message);
		add_number(&message, status);
		end_field(&message);
		add_field(&message, verb);
		add_raw_object(&message, parts);
		end_field(&message);
		add_field(&message, describe_error(error));
		add_field(&message, hint ? hint : "");
		put(&message, entry->status_fd);
	} else {
		const char *name = name_for_messages(entry->name);

		add_prefix(&message, entry->prefix, name);
		add_what(&message, name, verb, parts);
		add(&message, ": ");
		add(&message, describe_error(error));
		add(&message, line_end(entry));
		if (hint) {
			add(&message, hint);
			add(&message, line_end(entry));
		}
		put(&message, entry->messages);
	}
	va_end(parts);
	_exit(status);
}

void fail_word(const struct entry *entry, const char *word)
{
	fail(entry, EXIT_OWN_FAILURE, EINVAL, NULL, "parse", "step ", word, NULL);
}
