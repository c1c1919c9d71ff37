/*
 * execute - execute a command again and again, each time with other words.
 *
 *   execute COMMAND
 *
 * Each line of standard input is the words of one time, percent-encoded and separated by spaces, and gets one line of
 * JSON. The command has this environment, the descriptors from 3 on, and nothing to read; what it writes to standard
 * error is its message. Whatever it leaves behind has to end as well.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "below.h"
#include "json.h"

enum { KEPT_FD = 500, MAX_WORDS = 4096, MOST_MESSAGE = 1 << 20, DEADLINE_S = 10 };

static int null, message;

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void decode(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text == '%' && digit(text[1]) >= 0 && digit(text[2]) >= 0) {
			*to++ = (char)(digit(text[1]) << 4 | digit(text[2]));
			text += 2;
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

/* An empty word has nothing between its spaces. */
static void split(char *line, char **words)
{
	size_t count = 1;
	char *word;

	line[strcspn(line, "\n")] = '\0';
	while (line && *line) {
		if (count + 1 == MAX_WORDS)
			die("too many words");
		word = strsep(&line, " ");
		decode(word);
		words[count++] = word;
	}
	words[count] = NULL;
}

static _Noreturn void be_command(char **words)
{
	struct rlimit no_core = { 0, 0 };

	setpgid(0, 0);
	check(setrlimit(RLIMIT_CORE, &no_core), "setrlimit");
	check(dup2(null, 0), "dup2");
	check(dup2(null, 1), "dup2");
	check(dup2(message, 2), "dup2");
	execv(words[0], words);
	die(words[0]);
}

/* False where it had to be ended. */
static bool execute(char **words, int *end)
{
	pid_t pid, first = check(fork(), "fork");
	int status;

	if (first == 0)
		be_command(words);
	set_deadline(DEADLINE_S);
	for (;;) {
		pid = waitpid(-1, &status, 0);
		if (pid == first)
			*end = status;
		if (pid < 0 && errno == EINTR && is_late) {
			end_below();
			return false;
		}
		if (pid < 0 && errno != EINTR)
			break;
	}
	set_deadline(0);
	return true;
}

static void print_message(void)
{
	static char text[MOST_MESSAGE + 1];
	ssize_t length = pread(message, text, MOST_MESSAGE, 0);

	text[check((int)length, "pread")] = '\0';
	json_string(stdout, text);
	check(ftruncate(message, 0), "ftruncate");
}

int main(int argc, char **argv)
{
	char *words[MAX_WORDS] = { argv[1] }, *line = NULL;
	size_t size = 0;
	bool in_time;
	int end;

	if (argc != 2)
		die("usage");
	watch_below();
	(void)setsid();
	null = check(open("/dev/null", O_RDWR | O_CLOEXEC), "/dev/null");
	null = check(fcntl(null, F_DUPFD_CLOEXEC, KEPT_FD), "fcntl");
	/* A file holds whatever is written; appended, because its offset is the command's as well. */
	message = check(memfd_create("message", MFD_CLOEXEC), "memfd_create");
	message = check(fcntl(message, F_DUPFD_CLOEXEC, KEPT_FD), "fcntl");
	check(fcntl(message, F_SETFL, O_APPEND), "fcntl");
	while (getline(&line, &size, stdin) > 0) {
		split(line, words);
		end = 0;
		in_time = execute(words, &end);
		printf("{\"status\":%d,\"signal\":%d,\"hung\":%s,\"message\":", WIFEXITED(end) ? WEXITSTATUS(end) : 0,
		       WIFSIGNALED(end) ? WTERMSIG(end) : 0, in_time ? "false" : "true");
		print_message();
		puts("}");
		fflush(stdout);
	}
	return 0;
}
