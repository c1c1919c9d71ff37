/* wait - a program that says that it runs, and stays until its standard input ends. */
#include <unistd.h>

int main(void)
{
	char byte;

	if (write(STDOUT_FILENO, "here\n", 5) != 5)
		return 1;
	return read(STDIN_FILENO, &byte, 1) != 0;
}
