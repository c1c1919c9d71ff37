/* SPDX-License-Identifier: MIT */
/*
 * The program inside can be a script of `#!/proc/self/exe`, with which the kernel executes the file of this process once more, and
 * /proc/PID/exe then leads whoever may open it to that file: the host's (CVE-2019-5736). So it is another file that executes the
 * program, or this one where nobody can write to it.
 */
#define _GNU_SOURCE
#include "steps/image.h"
#include "steps/steps.h"
#include "terminal/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

static bool write_whole(int to, const unsigned char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t count = write(to, bytes, size);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return false;
		bytes += count;
		size -= (size_t)count;
	}
	return true;
}

/* Gives FD, or -1 and errno with FD closed. */
static int unless_failed(int fd, bool failed)
{
	int error = errno;

	if (!failed)
		return fd;
	(void)close(fd);
	errno = error;
	return -1;
}

/* A file in memory that its seals keep as it is (memfd_create(2)). It needs no privilege. */
static int open_image(void)
{
	static const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	static const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = (int)syscall(SYS_memfd_create, "tsenter", flags | MFD_EXEC);

	/* Before Linux 6.3 all can be executed, and none is asked to be. */
	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(SYS_memfd_create, "tsenter", flags);
	if (fd < 0)
		return -1;
	return unless_failed(fd, !write_whole(fd, image, (size_t)(image_end - image)) ||
				   fcntl(fd, F_ADD_SEALS, seals));
}

/* Without /proc it is the name that this process was executed by. */
static const char *own_file(void)
{
	static const char file[] = "/proc/self/exe";

	return access(file, F_OK) == 0 ? file : (const char *)getauxval(AT_EXECFN);
}

/*
 * A mount of the file that is read-only and in no namespace (open_tree(2), mount_setattr(2): Linux 5.12): for whoever has CAP_SYS_ADMIN
 * over the mount namespace. It is gone from there before anything is entered: as long as its descriptor is open, whoever may mount
 * could make it writable.
 */
static int open_clone(void)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	int fd = (int)syscall(SYS_open_tree, AT_FDCWD, own_file(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0)
		return -1;
	return unless_failed(fd, syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)) != 0);
}

static void hand_over(const struct entry *entry, const char *operand)
{
	while (*operand) {
		if (fcntl(take_fd(entry, &operand), F_SETFD, 0))
			fail_word(entry, operand);
		if (*operand && *operand++ != ',')
			fail_word(entry, operand);
	}
	if (entry->status_fd >= 0 && fcntl(entry->status_fd, F_SETFD, 0))
		fail_word(entry, operand);
}

/*
 * NAME "" STEP... -- WORD...: the empty word tells the executable that has an engine in it that this is no command line. What the
 * caller typed stays behind `--` whole, for ps(1).
 */
static char **words_of_clone(const struct entry *entry, char *close_on_exec)
{
	static char none[] = "", end[] = "--";
	char **own = entry->next - 1, **words = new_words(entry, count_words(entry->words) + count_words(entry->called_with) + 3);
	size_t at = 0;

	words[at++] = entry->name ? entry->name : none;
	words[at++] = none;
	for (char **word = entry->words; *word; word++)
		words[at++] = word == own ? close_on_exec : *word;
	words[at++] = end;
	for (char **word = entry->called_with; *word; word++)
		words[at++] = *word;
	return words;
}

/* FD,...: what the steps that follow use. An exec of its own, before anything is entered. */
void step_seal_first(struct entry *entry, const char *operand)
{
	static char close_on_exec[1024] = "close-on-exec=";
	int fd = open_clone();

	if (strlen(operand) >= sizeof(close_on_exec) - strlen(close_on_exec))
		fail_word(entry, operand);
	strcat(close_on_exec, operand);
	if (fd >= 0) {
		hand_over(entry, operand);
		(void)syscall(SYS_execveat, fd, "", words_of_clone(entry, close_on_exec), entry->environment, AT_EMPTY_PATH);
	}
	if (fd >= 0 && errno == E2BIG)
		/* The words of the steps are what tipped the scales: for the caller it is the program that has too many. */
		fail(entry, EXIT_NOT_EXECUTABLE, errno, NULL, "execute", entry->operands[0] ? entry->operands[0] : "a shell", NULL);
	fail(entry, EXIT_OWN_FAILURE, errno,
	     "Whoever is inside could overwrite its file (CVE-2019-5736). An image in memory needs memfd_create(2), a read-only "
	     "clone of the file Linux 5.12 and CAP_SYS_ADMIN; --unsealed enters without either.",
	     "seal", "this executable", NULL);
}

/*
 * The image is made in time, while nothing has been entered. It is small, so that to execute one more file costs little, and the parent
 * that waits keeps the pages of its own.
 */
void step_seal(struct entry *entry, const char *operand)
{
	entry->image = above_standard(entry, open_image());
	if (entry->image < 0)
		step_seal_first(entry, operand);
}
