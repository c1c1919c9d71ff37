/* SPDX-License-Identifier: MIT */
/* Never set-id: whoever may execute such a file could enter and become anything. */
#define _GNU_SOURCE
#include "entry/privileged.h"

#include "entry/name.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char message[] =
	": run set-id executable: Operation not permitted\n"
	"It would give its rights to everyone: remove them (chmod ug-s, setcap -r), and give them to those who may by sudo(8), or by setpriv(1) with --inh-caps and --ambient-caps of the same value.\n";

void refuse_privileged_file(const char *called_as)
{
	static const char self[] = "/proc/self/exe";
	const char *name;
	struct stat file;

	/* Set as well for callers inside a legitimate set-id wrapper, whose own file this is not (getauxval(3)). */
	if (!getauxval(AT_SECURE))
		return;
	/* What cannot be looked at is not trusted. */
	if (stat(self, &file) == 0 && !(file.st_mode & (S_ISUID | S_ISGID)) &&
	    getxattr(self, "security.capability", NULL, 0) < 0)
		return;
	name = name_for_messages(called_as);
	(void)!write(STDERR_FILENO, name, strlen(name));
	(void)!write(STDERR_FILENO, message, strlen(message));
	_exit(1);
}
