/*
 * How a program of the tests gives up that has a stderr to say so on, and nothing to clean up.
 */
#ifndef TSENTER_TEST_DIE_H
#define TSENTER_TEST_DIE_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void die(const char *format, const char *detail)
	__attribute__((noreturn));

static void die(const char *format, const char *detail)
{
	int error = errno;

	fprintf(stderr, "%s: ", program_invocation_short_name);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	fprintf(stderr, format, detail);
#pragma GCC diagnostic pop
	fprintf(stderr, ": %s\n", strerror(error));
	_exit(1);
}

#endif
