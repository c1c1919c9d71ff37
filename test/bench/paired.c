/*
 * paired - the times of several commands, measured side by side.
 *
 *   paired SEED , ROUNDS WORD... , ROUNDS WORD... ...
 *
 * A comma, as a word of its own, precedes each command. There are as many
 * rounds as the command with the most of them has; the runs of one that has
 * fewer are spread evenly over them. In each round the commands run one after
 * the other in a random order, so that whatever else the machine does hits all
 * of them alike. Standard input is /dev/null, so is standard output; the
 * environment is that of paired.
 *
 * The output is JSON: for each command the times in microseconds (from the
 * spawn to the end), what the kernel counted, and the ratio of its median to
 * the median of every command, with a bootstrap 95 % interval. A command that
 * fails is not run again; it has a "failed" with the reason and no figures.
 *
 * "peak", in KB, is a rough figure for small programs: the kernel counts pages
 * in batches, and adds nothing for a process that never filled one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_COMMANDS	16
#define WARM_UP		10
#define RESAMPLES	1000

extern char **environ;

static struct command {
	char **words;
	size_t rounds;
	double *times;		/* by round; negative where it did not run */
	long *faults;		/* by run */
	long peak;
	size_t runs;
	char failed[96];
	double medians[RESAMPLES];
} commands[MAX_COMMANDS];

static size_t command_count, round_count;
static double *scratch;
static uint64_t state;
static posix_spawn_file_actions_t quiet;

static void die(const char *what)
{
	fprintf(stderr, "paired: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		die("calloc");
	return memory;
}

/* xorshift64*: the same seed gives the same order with every C library. */
static size_t below(size_t limit)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (size_t)((state * 0x2545F4914F6CDD1DULL) >> 33) % limit;
}

/* ---- the command line ---- */

static size_t count_of(const char *word)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (*end || value < 1 || value > 100000) {
		errno = EINVAL;
		die(word);
	}
	return value;
}

static void read_commands(char **words)
{
	while (*words) {
		struct command *command = &commands[command_count];

		if (strcmp(*words, ",") || !words[1] || !words[2] || command_count++ == MAX_COMMANDS) {
			errno = EINVAL;
			die(*words);
		}
		*words++ = NULL;	/* the end of the previous command */
		command->rounds = count_of(*words++);
		command->words = words;
		if (command->rounds > round_count)
			round_count = command->rounds;
		while (*words && strcmp(*words, ","))
			words++;
	}
}

/* ---- running ---- */

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double run(struct command *command, struct rusage *usage)
{
	double start = now(), end;
	int error, status;
	pid_t pid;

	error = posix_spawnp(&pid, command->words[0], &quiet, NULL, command->words, environ);
	if (error) {
		snprintf(command->failed, sizeof(command->failed), "%s", strerror(error));
		return 0;
	}
	while (wait4(pid, &status, 0, usage) < 0)
		if (errno != EINTR)
			die("wait4");
	end = now();
	if (WIFSIGNALED(status))
		snprintf(command->failed, sizeof(command->failed), "signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status))
		snprintf(command->failed, sizeof(command->failed), "status %d", WEXITSTATUS(status));
	return end - start;
}

static void measure(struct command *command, size_t round)
{
	struct rusage usage = { 0 };
	double took = run(command, &usage);

	if (*command->failed)
		return;
	command->times[round] = took;
	command->faults[command->runs++] = usage.ru_minflt;
	if (usage.ru_maxrss > command->peak)
		command->peak = usage.ru_maxrss;
}

static void warm_up(struct command *command)
{
	size_t i, runs = command->rounds < round_count ? 2 : WARM_UP;
	struct rusage usage = { 0 };

	for (i = 0; i < runs && !*command->failed; i++)
		run(command, &usage);
}

/* In round @round of round_count, so that all of its rounds are spread evenly. */
static bool has_turn(const struct command *command, size_t round)
{
	return (round + 1) * command->rounds / round_count > round * command->rounds / round_count;
}

static void run_all(void)
{
	size_t order[MAX_COMMANDS] = { 0 }, round, i;

	for (i = 0; i < command_count; i++) {
		order[i] = i;
		warm_up(&commands[i]);
	}
	for (round = 0; round < round_count; round++) {
		for (i = command_count - 1; i > 0; i--) {
			size_t other = below(i + 1), saved = order[i];

			order[i] = order[other];
			order[other] = saved;
		}
		for (i = 0; i < command_count; i++) {
			struct command *command = &commands[order[i]];

			if (!*command->failed && has_turn(command, round))
				measure(command, round);
		}
	}
}

/* ---- statistics ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(double *values, size_t count, double q)
{
	double place = q * (double)(count - 1);
	size_t lower = (size_t)place;

	qsort(values, count, sizeof(*values), by_value);
	if (lower + 1 == count)
		return values[lower];
	return values[lower] + (place - (double)lower) * (values[lower + 1] - values[lower]);
}

/* Of all times, or of those of the @drawn rounds. */
static double time_quantile(const struct command *command, const size_t *drawn, double q)
{
	size_t i, count = 0;

	for (i = 0; i < round_count; i++) {
		double took = command->times[drawn ? drawn[i] : i];

		if (took >= 0)
			scratch[count++] = took;
	}
	return count > 0 ? quantile(scratch, count, q) : time_quantile(command, NULL, q);
}

static double median_faults(const struct command *command)
{
	size_t i;

	for (i = 0; i < command->runs; i++)
		scratch[i] = (double)command->faults[i];
	return quantile(scratch, command->runs, .5);
}

/*
 * Rounds are drawn, not times: what disturbed a round disturbed all of its
 * commands, and a drawn round has them together.
 */
static void resample(void)
{
	size_t *drawn = zeroed(round_count, sizeof(*drawn)), b, i;

	for (b = 0; b < RESAMPLES; b++) {
		for (i = 0; i < round_count; i++)
			drawn[i] = below(round_count);
		for (i = 0; i < command_count; i++)
			if (!*commands[i].failed)
				commands[i].medians[b] = time_quantile(&commands[i], drawn, .5);
	}
	free(drawn);
}

static void print_ratio(const struct command *command, const struct command *reference)
{
	double ratios[RESAMPLES], low, high;
	size_t b;

	for (b = 0; b < RESAMPLES; b++)
		ratios[b] = command->medians[b] / reference->medians[b];
	low = quantile(ratios, RESAMPLES, .025);
	high = quantile(ratios, RESAMPLES, .975);
	printf("{\"ratio\":%.4f,\"low\":%.4f,\"high\":%.4f}",
	       time_quantile(command, NULL, .5) / time_quantile(reference, NULL, .5), low, high);
}

static void print_command(const struct command *command)
{
	size_t i;

	if (*command->failed) {
		printf("{\"failed\":\"%s\"}", command->failed);
		return;
	}
	printf("{\"runs\":%zu,\"median\":%.1f,\"minimum\":%.1f,", command->runs,
	       time_quantile(command, NULL, .5), time_quantile(command, NULL, 0));
	printf("\"quartiles\":[%.1f,%.1f],", time_quantile(command, NULL, .25),
	       time_quantile(command, NULL, .75));
	printf("\"faults\":%.0f,\"peak\":%ld,\"ratios\":[", median_faults(command), command->peak);
	for (i = 0; i < command_count; i++) {
		if (i)
			putchar(',');
		if (*commands[i].failed)
			printf("null");
		else
			print_ratio(command, &commands[i]);
	}
	printf("]}");
}

static void prepare(void)
{
	size_t i, round;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	scratch = zeroed(round_count, sizeof(*scratch));
	for (i = 0; i < command_count; i++) {
		commands[i].times = zeroed(round_count, sizeof(*commands[i].times));
		commands[i].faults = zeroed(round_count, sizeof(*commands[i].faults));
		for (round = 0; round < round_count; round++)
			commands[i].times[round] = -1;
	}
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 5) {
		fprintf(stderr, "usage: paired SEED , ROUNDS WORD... , ROUNDS WORD... ...\n");
		return 2;
	}
	state = strtoull(argv[1], NULL, 10) | 1;
	read_commands(argv + 2);
	prepare();
	run_all();
	resample();
	putchar('[');
	for (i = 0; i < command_count; i++) {
		if (i)
			putchar(',');
		print_command(&commands[i]);
	}
	printf("]\n");
	return 0;
}
