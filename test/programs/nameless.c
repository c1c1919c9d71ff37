/* nameless PROGRAM - execute a program with an empty argv: not even its own name (CVE-2021-4034). */
#include <stdio.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
	char *none[] = { NULL };

	if (argc != 2)
		return 125;
	execve(argv[1], none, environ);
	perror(argv[1]);
	return 125;
}
