/*
 * slow-fuse DIRECTORY - mount a file system there in which every name is a program whose opening is never answered.
 *
 * "ready" when it is mounted, "wanted" when somebody opens one; who does waits, and cannot even be killed, until the
 * end of stdin. linux/fuse.h is not there for every compiler of these programs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOKUP = 1, FORGET = 2, GETATTR = 3, OPEN = 14, INIT = 26, INTERRUPT = 36, BATCH_FORGET = 42 };
enum { ROOT = 1, FILE_NODE = 2, MAJOR = 7, MINOR = 31, REQUEST_SIZE = 1 << 17 };

struct request {
	uint32_t length, opcode;
	uint64_t unique, node;
	uint32_t uid, gid, pid, padding;
};

struct attributes {
	uint64_t node, size, blocks, times[3];
	uint32_t nanoseconds[3], mode, links, uid, gid, device, block_size, flags;
};

struct reply {
	uint32_t length;
	int32_t error;
	uint64_t unique;
	union {
		struct {
			uint32_t major, minor, read_ahead, flags;
			uint16_t background, congestion;
			uint32_t max_write, granularity, more[9];
		} init;
		struct {
			uint64_t node, generation, entry_valid, attributes_valid;
			uint32_t entry_nanoseconds, attributes_nanoseconds;
			struct attributes attributes;
		} entry;
		struct {
			uint64_t valid;
			uint32_t nanoseconds, padding;
			struct attributes attributes;
		} attributes;
	} body;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct attributes attributes_of(uint64_t node)
{
	return (struct attributes){
		.node = node,
		.mode = node == ROOT ? S_IFDIR | 0755 : S_IFREG | 0755,
		.links = 1,
		.size = node == ROOT ? 0 : 4096,
		.block_size = 4096,
	};
}

/* Its size without the header, or -1 where there is no answer. */
static int answer(const struct request *request, struct reply *reply)
{
	switch (request->opcode) {
	case INIT:
		reply->body.init.major = MAJOR;
		reply->body.init.minor = MINOR;
		reply->body.init.max_write = 4096;
		return sizeof(reply->body.init);
	case LOOKUP:
		reply->body.entry.node = FILE_NODE;
		reply->body.entry.attributes = attributes_of(FILE_NODE);
		return sizeof(reply->body.entry);
	case GETATTR:
		reply->body.attributes.attributes = attributes_of(request->node);
		return sizeof(reply->body.attributes);
	case OPEN:
		puts("wanted");
		return -1;
	case FORGET:
	case BATCH_FORGET:
	case INTERRUPT:
		return -1;
	default:
		reply->error = -ENOSYS;
		return 0;
	}
}

static void serve(int fuse)
{
	static char buffer[REQUEST_SIZE];
	struct request request;
	struct reply reply;
	int size;

	if (read(fuse, buffer, sizeof(buffer)) < (ssize_t)sizeof(request))
		die("read");
	memcpy(&request, buffer, sizeof(request));
	memset(&reply, 0, sizeof(reply));
	size = answer(&request, &reply);
	if (size < 0)
		return;
	reply.unique = request.unique;
	reply.length = (uint32_t)(offsetof(struct reply, body) + (size_t)size);
	/* Who has asked may have gone. */
	if (write(fuse, &reply, reply.length) < 0 && errno != ENOENT)
		die("write");
}

int main(int argc, char **argv)
{
	struct pollfd both[2] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .events = POLLIN } };
	char options[64];

	if (argc != 2)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	both[1].fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (both[1].fd < 0)
		die("/dev/fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", both[1].fd);
	if (mount("slow", argv[1], "fuse", 0, options))
		die("mount");
	puts("ready");
	while (poll(both, 2, -1) > 0 && !both[0].revents)
		serve(both[1].fd);
	return 0;
}
