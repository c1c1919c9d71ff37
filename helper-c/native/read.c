/* SPDX-License-Identifier: MIT */
/* A content of any length, of which a table of mounts may have lines without number that nobody asked for. */
#define _GNU_SOURCE
#include "native/read.h"

#include "entry/clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Moves the lines from KEPT to END that have PART in them down to KEPT; gives their end. */
static size_t keep_lines(char *bytes, size_t kept, size_t end, const char *part)
{
	char *line = bytes + kept, *last = bytes + end, *found;

	while ((found = memmem(line, (size_t)(last - line), part, strlen(part)))) {
		char *before = memrchr(line, '\n', (size_t)(found - line)), *start = before ? before + 1 : line;
		char *newline = memchr(found, '\n', (size_t)(last - found));

		line = newline ? newline + 1 : last;
		memmove(bytes + kept, start, (size_t)(line - start));
		kept += (size_t)(line - start);
	}
	return kept;
}

/* What is read of a file: all, or of each line that is complete whether it is kept is known already. */
struct content {
	char *bytes;
	size_t length, kept;
	const char *part; /* NULL: all */
};

static void take_lines(struct content *content, size_t got)
{
	char *last = memrchr(content->bytes + content->length, '\n', got);
	size_t end = last ? (size_t)(last + 1 - content->bytes) : 0, rest = content->length + got - end;

	content->length += got;
	if (!last)
		return;
	content->kept = keep_lines(content->bytes, content->kept, end, content->part);
	memmove(content->bytes + content->kept, content->bytes + end, rest);
	content->length = content->kept + rest;
}

/* DEADLINE 0: there is none. */
static ssize_t read_before(long deadline, int fd, void *bytes, size_t size)
{
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	long left = deadline ? deadline - milliseconds() : 0;
	int found = !deadline;

	if (left > 0)
		found = poll(&readable, 1, (int)left);
	if (found > 0)
		return read(fd, bytes, size);
	if (found == 0)
		errno = ETIMEDOUT;
	return -1;
}

char *read_to_end(JSContext *context, int fd, size_t most, const char *part, long deadline, size_t *length)
{
	/* Of /proc a page is read at a time: there is room for one behind lines that are kept. */
	size_t size = part ? 16384 : 4096;
	struct content content = { .bytes = js_malloc(context, size), .part = part };
	int error = ENOMEM;

	while (content.bytes) {
		ssize_t got = read_before(deadline, fd, content.bytes + content.length, size - content.length);

		error = got < 0 ? errno : 0;
		if (error == EINTR || (error == EAGAIN && deadline))
			continue;
		if (got == 0 && content.part)
			content.length = keep_lines(content.bytes, content.kept, content.length, content.part);
		if (got == 0) {
			*length = content.length;
			return content.bytes;
		}
		if (error)
			break;
		if (content.part)
			take_lines(&content, (size_t)got);
		else
			content.length += (size_t)got;
		error = EFBIG;
		if (content.length > most)
			break;
		error = ENOMEM;
		if (content.length == size)
			content.bytes = js_realloc(context, content.bytes, size *= 2);
	}
	js_free(context, content.bytes);
	errno = error;
	return NULL;
}
