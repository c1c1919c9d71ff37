/*
 * stay - a dynamic loader of the attacker's: the executable that the kernel loads it for does not begin, and its file can
 * be reached through /proc/PID/exe for as long as the attacker wants. It ends by itself when nobody kills it.
 */
#include <unistd.h>

int main(void)
{
	alarm(10);
	for (;;)
		pause();
}
