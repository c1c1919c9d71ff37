/*
 * getopt-driver - what glibc's getopt_long makes of command lines.
 *
 *   getopt-driver LONG:SHORT:KIND...
 *
 * KIND is 0 (no value), 1 (required) or 2 (optional); SHORT may be empty.
 * stdin: any number of command lines, each a 4-byte little-endian count of
 * words and then every word with its NUL. stdout: one JSON line for each:
 *
 *   {"tokens":[["target","1"],["all",null]],"rest":3,"error":null}
 *
 * "rest" is the index of the first operand among the words, -1 after an
 * error: {"kind":"...","word":"..."}, at which the parsing stops.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define MAX_OPTIONS	128
#define LONG_BASE	1000

static struct option options[MAX_OPTIONS + 1];
static char shorts[3 * MAX_OPTIONS + 3] = "+:";
static int count;

static void die(const char *what)
{
	fprintf(stderr, "getopt-driver: %s\n", what);
	exit(1);
}

/* Every option returns LONG_BASE + its index, by whichever name it came. */
static int short_index[256];

static void add_option(char *spec)
{
	char *first = strchr(spec, ':');
	char *second = first ? strchr(first + 1, ':') : NULL;
	struct option *o = &options[count];

	if (!second || count == MAX_OPTIONS)
		die("bad option table");
	*first = *second = '\0';
	o->name = spec;
	o->has_arg = atoi(second + 1);
	o->val = LONG_BASE + count;
	if (first[1]) {
		char *end = shorts + strlen(shorts);

		short_index[(unsigned char)first[1]] = count + 1;
		*end++ = first[1];
		memcpy(end, "::", (size_t)o->has_arg);
	}
	count++;
}

/* getopt_long has not moved on: was it a long option, and which word? */
static const char *failed_word(char **argv, bool is_long)
{
	return is_long ? argv[optind - 1] : NULL;
}

static bool starts_like(const char *word, const char *name)
{
	size_t n = strcspn(word, "=");

	return strncmp(word, name, n) == 0;
}

/*
 * '?' stands for three different errors of long options, and optopt tells
 * only one of them apart: an unexpected value leaves the option's val there.
 * An ambiguous word is the prefix of more than one name, an unknown one of
 * none.
 */
static const char *long_error(const char *word)
{
	int i, alike = 0;

	if (optopt >= LONG_BASE)
		return "unexpected-argument";
	for (i = 0; i < count; i++)
		alike += starts_like(word + 2, options[i].name);
	return alike > 1 ? "ambiguous-long" : "unknown-long";
}

static void print_error(int c, char **argv)
{
	bool is_long = optopt == 0 || optopt >= LONG_BASE;
	const char *word = failed_word(argv, is_long);
	char letter[3] = { '-', (char)optopt, '\0' };

	fputs("{\"kind\":", stdout);
	if (c == ':')
		json_string(stdout, "missing-argument");
	else
		json_string(stdout, is_long ? long_error(word) : "unknown-short");
	fputs(",\"word\":", stdout);
	json_string(stdout, is_long ? word : letter);
	fputs("}", stdout);
}

static void parse(int argc, char **argv)
{
	const char *comma = "";
	int c = -1;

	optind = 0;	/* glibc: start over, with "+" read again */
	opterr = 0;
	fputs("{\"tokens\":[", stdout);
	for (;;) {
		int option;

		optopt = 0;
		c = getopt_long(argc, argv, shorts, options, NULL);
		if (c == -1 || c == '?' || c == ':')
			break;
		option = c >= LONG_BASE ? c - LONG_BASE
					: short_index[(unsigned char)c] - 1;
		printf("%s[", comma);
		comma = ",";
		json_string(stdout, options[option].name);
		fputc(',', stdout);
		json_string(stdout, optarg);
		fputc(']', stdout);
	}
	printf("],\"rest\":%d,\"error\":", c == -1 ? optind - 1 : -1);
	if (c == -1)
		fputs("null", stdout);
	else
		print_error(c, argv);
	fputs("}\n", stdout);
}

static char *read_word(void)
{
	char *word = NULL;
	size_t room = 0;

	if (getdelim(&word, &room, '\0', stdin) < 0)
		die("unexpected end of input");
	return word;
}

static bool parse_next(void)
{
	unsigned char head[4];
	uint32_t words, i;
	char **argv;

	if (fread(head, 1, 4, stdin) != 4)
		return false;
	words = (uint32_t)head[0] | (uint32_t)head[1] << 8 |
		(uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
	if (words > 1000000)
		die("bad count of words");
	argv = calloc((size_t)words + 2, sizeof(*argv));
	if (!argv)
		die("no memory");
	argv[0] = strdup("getopt-driver");
	for (i = 1; i <= words; i++)
		argv[i] = read_word();
	parse((int)words + 1, argv);
	for (i = 0; i <= words; i++)
		free(argv[i]);
	free(argv);
	return true;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		add_option(argv[i]);
	while (parse_next())
		;
	return 0;
}
