/*
 * guest - do the jobs of a file, one after the other, and write down what was
 * seen of each: what a test does with Node on the host, where there is none.
 *
 *   guest JOBS RECORDS PROGRAMS
 *
 * PROGRAMS is the directory of target and launch. A job is a line, what it
 * tells the sizes of, and strings that each end with a zero byte:
 *
 *   target NAME UID VARIABLES WORDS	its environment, and the words of
 *			target.c; UID 0 or an ordinary user who starts it
 *   run TARGET SECONDS HOLD SIGNAL REPORT STDIN WORDS	STDIN bytes, and the
 *			words of launch.c with the command. "{pid}" in them is
 *			the target's. HOLD: stdin stays open; SIGNAL: sent when
 *			the command writes "ready"; REPORT: it has a report
 *
 * and so is a record (NAMESPACES are the links of /proc/PID/ns, with blanks):
 *
 *   self NAMESPACES
 *   target NAME PID NAMESPACES
 *   run LATE UPTIME STATUS STDOUT STDERR REPORT	sizes, and then the bytes
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "words.h"

#define MAX_TARGETS	64
#define MAX_WORDS	8192
#define NAME_SIZE	64
#define STREAMS		4

struct bytes {
	char *data;
	size_t size, room;
};

static struct {
	char name[NAME_SIZE];
	pid_t pid;
} targets[MAX_TARGETS];

static size_t target_count;
static const char *programs;
static FILE *records;
/* What is left of the jobs. */
static char *at, *end;

static void append(struct bytes *to, const char *data, size_t size)
{
	if (to->size + size > to->room) {
		to->room = (to->size + size) * 2;
		to->data = realloc(to->data, to->room);
		if (!to->data)
			die("%s", "memory");
	}
	if (size)
		memcpy(to->data + to->size, data, size);
	to->size += size;
}

/* ---- what is read ---- */

static void read_jobs(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat file;
	ssize_t n;

	check(fd, path);
	check(fstat(fd, &file), path);
	at = malloc((size_t)file.st_size + 1);
	if (!at)
		die("%s", "memory");
	end = at;
	while ((n = read(fd, end, (size_t)(at + file.st_size - end))) > 0)
		end += n;
	check((int)n, path);
	*end = '\0';
	close(fd);
}

static char *next_line(void)
{
	char *line = at;

	at = strchr(at, '\n');
	if (!at)
		die("no end of '%s'", line);
	*at++ = '\0';
	return line;
}

static char *next_string(void)
{
	char *string = at;

	at += strlen(at) + 1;
	if (at > end)
		die("%s", "the last string has no end");
	return string;
}

/* @word with the target's number in the place of each "{pid}". */
static char *fill(const char *word, pid_t pid)
{
	struct bytes filled = { NULL, 0, 0 };
	char text[16];
	const char *place;

	snprintf(text, sizeof(text), "%d", pid);
	while ((place = strstr(word, "{pid}"))) {
		append(&filled, word, (size_t)(place - word));
		append(&filled, text, strlen(text));
		word = place + strlen("{pid}");
	}
	append(&filled, word, strlen(word) + 1);
	return filled.data;
}

/* ---- what is written ---- */

static void write_namespaces(pid_t pid)
{
	char path[64], link[128];
	struct dirent *entry;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/ns", pid);
	directory = opendir(path);
	if (!directory)
		die("%s", path);
	while ((entry = readdir(directory))) {
		ssize_t n = readlinkat(dirfd(directory), entry->d_name, link, sizeof(link));

		if (n > 0)
			fprintf(records, " %s=%.*s", entry->d_name, (int)n, link);
	}
	closedir(directory);
	fputc('\n', records);
}

static void write_run(bool late, const struct bytes *streams)
{
	struct timespec now;
	size_t i;

	clock_gettime(CLOCK_BOOTTIME, &now);
	fprintf(records, "run %d %jd", late, (intmax_t)now.tv_sec);
	for (i = 0; i < STREAMS; i++)
		fprintf(records, " %zu", streams[i].size);
	fputc('\n', records);
	for (i = 0; i < STREAMS; i++)
		fwrite(streams[i].data, 1, streams[i].size, records);
}

/* ---- jobs ---- */

static pid_t find_target(const char *name)
{
	size_t i;

	for (i = 0; i < target_count; i++)
		if (!strcmp(targets[i].name, name))
			return targets[i].pid;
	errno = ENOENT;
	die("target %s", name);
}

static void become(uid_t uid)
{
	check(setgroups(0, NULL), "setgroups");
	check(setresgid(uid, uid, uid), "setresgid");
	check(setresuid(uid, uid, uid), "setresuid");
}

static void execute(const char *name, char **argv, char **variables)
{
	char path[4096];

	signal(SIGPIPE, SIG_DFL);
	snprintf(path, sizeof(path), "%s/%s", programs, name);
	argv[0] = path;
	execve(path, argv, variables);
	die("%s", path);
}

/* It lives as long as its stdin, of which this process has the other end. */
static pid_t until_ready(int out)
{
	char text[64] = "";
	size_t size = 0;
	ssize_t n;
	int pid;

	while (!strchr(text, '\n') && size < sizeof(text) - 1 &&
	       (n = read(out, text + size, sizeof(text) - 1 - size)) > 0)
		size += (size_t)n;
	return sscanf(text, "ready %d", &pid) == 1 ? pid : 0;
}

static void start_target(const char *line)
{
	char *strings[MAX_WORDS + 2], *words[MAX_WORDS + 2] = { NULL };
	char name[NAME_SIZE];
	unsigned int uid;
	size_t variables, count, i;
	int in[2], out[2];
	pid_t child;

	if (sscanf(line, "target %63s %u %zu %zu", name, &uid, &variables, &count) != 4 ||
	    variables > MAX_WORDS || count > MAX_WORDS || target_count == MAX_TARGETS)
		die("not understood: '%s'", line);
	for (i = 0; i < variables; i++)
		strings[i] = next_string();
	strings[i] = NULL;
	for (i = 0; i < count; i++)
		words[i + 1] = next_string();
	words[i + 1] = NULL;
	check(pipe2(in, O_CLOEXEC), "pipe");
	check(pipe2(out, O_CLOEXEC), "pipe");
	child = fork();
	check(child, "fork");
	if (child == 0) {
		check(dup2(in[0], 0), "dup2");
		check(dup2(out[1], 1), "dup2");
		check(chdir("/"), "/");
		if (uid)
			become(uid);
		execute("target", words, strings);
	}
	close(in[0]);
	close(out[1]);
	strcpy(targets[target_count].name, name);
	targets[target_count].pid = until_ready(out[0]);
	close(out[0]);
	if (!targets[target_count].pid)
		die("target %s has not started", name);
	fprintf(records, "target %s %d", name, targets[target_count].pid);
	write_namespaces(targets[target_count].pid);
	target_count++;
}

struct run {
	unsigned int seconds, hold, signal, report;
	const char *input;
	size_t input_size;
	pid_t launcher;
	int in;
	/* Of the launcher's status, stdout, stderr and the report; -1 when it has ended. */
	int fds[STREAMS];
	struct bytes streams[STREAMS];
};

enum { STATUS, STDOUT, STDERR, REPORT };

/* Descriptor of the launcher to stream. */
static const int numbers_of[STREAMS] = { 3, 1, 2, 4 };

static void start_launcher(struct run *run, char **words)
{
	static char *nothing[] = { NULL };
	int pairs[STREAMS][2], in[2], i;

	check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in), "socketpair");
	for (i = 0; i < STREAMS; i++)
		check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[i]), "socketpair");
	run->launcher = fork();
	check(run->launcher, "fork");
	if (run->launcher == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC), high[STREAMS];

		/* Above all that they are going to be. */
		check(null, "/dev/null");
		for (i = 0; i < STREAMS; i++)
			check(high[i] = fcntl(i == REPORT && !run->report ? null : pairs[i][1], F_DUPFD_CLOEXEC, 100), "dup");
		check(dup2(in[1], 0), "dup2");
		for (i = 0; i < STREAMS; i++)
			check(dup2(high[i], numbers_of[i]), "dup2");
		execute("launch", words, nothing);
	}
	close(in[1]);
	run->in = in[0];
	fcntl(run->in, F_SETFL, O_NONBLOCK);
	for (i = 0; i < STREAMS; i++) {
		close(pairs[i][1]);
		run->fds[i] = pairs[i][0];
	}
}

static void feed(struct run *run)
{
	ssize_t n = write(run->in, run->input, run->input_size);

	/* A command that does not read its input is no error. */
	if (n < 0 && errno != EAGAIN)
		run->input_size = 0;
	if (n > 0) {
		run->input += n;
		run->input_size -= (size_t)n;
	}
	if (run->input_size == 0 && !run->hold)
		shutdown(run->in, SHUT_WR);
}

static void take(struct run *run, int i)
{
	char data[65536];
	ssize_t n = read(run->fds[i], data, sizeof(data));

	if (n > 0) {
		append(&run->streams[i], data, (size_t)n);
		return;
	}
	/* Also where a program was killed with data unread, which resets its end. */
	close(run->fds[i]);
	run->fds[i] = -1;
}

/* Either may arrive first: the line with the number, or the command's "ready". */
static void signal_once(struct run *run)
{
	struct bytes *out = &run->streams[STDOUT], *status = &run->streams[STATUS];
	int pid;

	if (!run->signal || !out->size || !memmem(out->data, out->size, "ready\n", 6) || !status->size)
		return;
	append(status, "", 1);
	status->size--;
	if (sscanf(status->data, "started %d", &pid) != 1)
		return;
	kill(pid, (int)run->signal);
	run->signal = 0;
}

static long long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void append_file(struct bytes *to, const char *pid, const char *name)
{
	char path[512], data[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, data, sizeof(data));
	if (n > 0)
		append(to, data, (size_t)n);
	append(to, "\n", 1);
	close(fd);
}

/* Who is there, and where each waits: of what hangs nothing else is left. */
static void tell_processes(struct bytes *to)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		die("%s", "/proc");
	while ((entry = readdir(proc))) {
		char path[512], exe[1];

		snprintf(path, sizeof(path), "/proc/%s/exe", entry->d_name);
		/* Threads of the kernel have none. */
		if (*entry->d_name < '1' || *entry->d_name > '9' || readlink(path, exe, sizeof(exe)) < 0)
			continue;
		append_file(to, entry->d_name, "stat");
		append_file(to, entry->d_name, "syscall");
		append_file(to, entry->d_name, "wchan");
	}
	closedir(proc);
}

/* True when it took too long. */
static bool watch(struct run *run)
{
	long long deadline = milliseconds() + run->seconds * 1000LL;
	bool late = false;

	for (;;) {
		struct pollfd polls[STREAMS + 1];
		long long left = deadline - milliseconds();
		int i, open = 0;

		for (i = 0; i < STREAMS; i++) {
			polls[i] = (struct pollfd){ .fd = run->fds[i], .events = POLLIN };
			open += run->fds[i] >= 0;
		}
		if (open == 0)
			return late;
		polls[STREAMS] = (struct pollfd){ .fd = run->input_size ? run->in : -1, .events = POLLOUT };
		if (left <= 0 && run->fds[STATUS] >= 0) {
			/* The launcher then kills everything. */
			late = true;
			tell_processes(&run->streams[STDERR]);
			close(run->fds[STATUS]);
			run->fds[STATUS] = -1;
			continue;
		}
		check(poll(polls, STREAMS + 1, late ? -1 : (int)left), "poll");
		if (polls[STREAMS].revents)
			feed(run);
		for (i = 0; i < STREAMS; i++)
			if (polls[i].revents)
				take(run, i);
		signal_once(run);
	}
}

static void do_run(const char *line)
{
	static char *words[MAX_WORDS + 2];
	struct run run;
	char name[NAME_SIZE];
	size_t count, i;
	pid_t pid;
	bool late;

	memset(&run, 0, sizeof(run));
	if (sscanf(line, "run %63s %u %u %u %u %zu %zu", name, &run.seconds, &run.hold, &run.signal, &run.report,
		   &run.input_size, &count) != 7 || count > MAX_WORDS || run.input_size > (size_t)(end - at))
		die("not understood: '%s'", line);
	run.input = at;
	at += run.input_size;
	pid = find_target(name);
	for (i = 0; i < count; i++)
		words[i + 1] = fill(next_string(), pid);
	words[i + 1] = NULL;
	start_launcher(&run, words);
	for (i = 0; i < count; i++)
		free(words[i + 1]);
	if (run.input_size == 0)
		feed(&run);
	late = watch(&run);
	close(run.in);
	check(waitpid(run.launcher, NULL, 0), "wait");
	write_run(late, run.streams);
	for (i = 0; i < STREAMS; i++)
		free(run.streams[i].data);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	programs = argv[3];
	records = fopen(argv[2], "we");
	if (!records)
		die("%s", argv[2]);
	read_jobs(argv[1]);
	fputs("self", records);
	write_namespaces(getpid());
	while (at < end) {
		char *line = next_line();

		if (!strncmp(line, "target ", 7))
			start_target(line);
		else
			do_run(line);
	}
	return fclose(records) ? 1 : 0;
}
