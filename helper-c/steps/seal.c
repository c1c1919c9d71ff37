/* SPDX-License-Identifier: MIT */
/*
 * The program inside can be a script of `#!/proc/self/exe`, with which the kernel executes the file of this process once more, and
 * /proc/PID/exe then leads whoever may open it to that file: the host's (CVE-2019-5736). So this process goes on as an image of
 * the file that nobody can write to.
 */
#define _GNU_SOURCE
#include "entry/hint.h"
#include "entry/seldom.h"
#include "steps/steps.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/mount.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif

static const char own_file[] = "/proc/self/exe";

static _Noreturn void fail_to_seal(const struct entry *entry, int error, const char *hint)
{
	fail(entry, EXIT_OWN_FAILURE, error, hint, "seal", "this executable", NULL);
}

/* Without /proc it is the name that this process was executed by. */
static const char *file_of_image(void)
{
	return access(own_file, F_OK) == 0 ? own_file : (const char *)getauxval(AT_EXECFN);
}

/* A security module sees a file that has no path, or another one than the executable has. */
static const char denied_image[] =
	": a read-only clone of the executable, or a copy of it in memory, has to be read, mapped and executed, which has no path (of "
	"AppArmor flags=(attach_disconnected) and rules with 'mrix', of SELinux execute_no_trans); --unsealed enters without either.";

/* Although its mode lets it. */
static bool cannot_be_opened(void)
{
	int fd = open(file_of_image(), O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
	return fd < 0 && errno == EACCES && access(file_of_image(), R_OK) == 0;
}

/* IS_MADE: there is an image, which could not be executed. */
static const char *why_not_sealed(int error, bool is_made)
{
	const char *denied = NULL;

	if (error == ENOENT && access(own_file, F_OK))
		return "Is /proc mounted? --unsealed enters without.";
	if (error == EACCES && (is_made || cannot_be_opened()))
		denied = denied_by_module(denied_image);
	if (denied)
		return denied;
	if (error == EACCES)
		return "This user may not read it, to make a copy in memory, nor clone it, which takes CAP_SYS_ADMIN: make it "
		       "readable, or --unsealed enters without either.";
	return "Whoever is inside could overwrite its file (CVE-2019-5736). A read-only clone of it needs Linux 5.12 and "
	       "CAP_SYS_ADMIN, a copy in memory memfd_create(2); --unsealed enters without either.";
}

/*
 * A mount of the file that is read-only and in no namespace (open_tree(2), mount_setattr(2): Linux 5.12): it costs the same whatever
 * the size. It is for whoever has CAP_SYS_ADMIN over the mount namespace.
 */
static int open_clone(void)
{
	struct mount_attr read_only = { .attr_set = MOUNT_ATTR_RDONLY };
	int error, fd = (int)syscall(SYS_open_tree, AT_FDCWD, file_of_image(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &read_only, sizeof(read_only)) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

static bool copy_file(int to)
{
	int from = open(file_of_image(), O_RDONLY | O_CLOEXEC);
	struct stat file;
	off_t done = 0;

	/* It is closed by the exec, or the end, that follows in any case. */
	if (from < 0 || fstat(from, &file))
		return false;
	while (done < file.st_size) {
		ssize_t count = sendfile(to, from, &done, (size_t)(file.st_size - done));

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0) {
			/* It was cut short meanwhile. */
			errno = count == 0 ? EIO : errno;
			return false;
		}
	}
	return true;
}

/* A copy in memory that its seals keep as it is (memfd_create(2)): for whoever may mount nothing. */
static int open_copy(const struct entry *entry)
{
	static const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	static const unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = (int)syscall(SYS_memfd_create, "tsenter", flags | MFD_EXEC), error;

	/* Before Linux 6.3 all can be executed, and none is asked to be. */
	if (fd < 0 && errno == EINVAL)
		fd = (int)syscall(SYS_memfd_create, "tsenter", flags);
	if (fd < 0 && errno == EACCES)
		fail_to_seal(entry, EACCES, "With the sysctl vm.memfd_noexec=2 nobody may execute a copy in memory, and a read-only clone "
					    "of the file takes CAP_SYS_ADMIN; --unsealed enters without either.");
	if (fd < 0)
		return -1;
	/* Nor may its owner inside make it a file that cannot be executed: Linux 6.3 as well. */
	if (copy_file(fd) && (fcntl(fd, F_ADD_SEALS, seals | F_SEAL_EXEC) == 0 || fcntl(fd, F_ADD_SEALS, seals) == 0))
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

/*
 * NAME "" STEP... -- WORD...: the empty word tells the executable that has an engine in it that this is no command line. What the
 * caller typed stays behind `--` whole, for ps(1).
 */
static char **words_of_image(const struct entry *entry, char *close_on_exec)
{
	static char none[] = "", end[] = "--";
	char **own = entry->next - 1, **words;
	size_t count = 0, at = 0;

	for (char **word = entry->words; *word; word++)
		count++;
	for (char **word = entry->called_with; *word; word++)
		count++;
	words = mmap(NULL, (count + 4) * sizeof(*words), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "allocate", "memory", NULL);
	words[at++] = entry->name;
	words[at++] = none;
	for (char **word = entry->words; *word; word++)
		words[at++] = word == own ? close_on_exec : *word;
	words[at++] = end;
	for (char **word = entry->called_with; *word; word++)
		words[at++] = *word;
	return words;
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
 * Executed from a clone of its file already. A file on any other read-only mount does not count: that can be mounted anew. The root of a
 * mount is what a clone of one file is, and a file elsewhere is not (statx(2), Linux 5.8).
 */
static bool is_clone(const struct entry *entry)
{
	enum { MOUNT_ROOT = 0x2000 };
	/* struct statx */
	struct {
		uint32_t mask, block;
		uint64_t attributes, more[30];
	} file;
	struct statfs filesystem;

	return entry->may_be_sealed && statfs(own_file, &filesystem) == 0 && filesystem.f_flags & ST_RDONLY &&
	       syscall(SYS_statx, AT_FDCWD, own_file, 0, 0U, &file) == 0 && file.attributes & MOUNT_ROOT;
}

/* Executed from a sealed copy in memory already: who spawned this process has made one for all. */
static bool is_copy(void)
{
	static const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd = open(own_file, O_RDONLY | O_CLOEXEC), found;

	if (fd < 0)
		return false;
	found = fcntl(fd, F_GET_SEALS);
	(void)close(fd);
	return found >= 0 && (found & seals) == seals;
}

/*
 * Returns only where it failed, with errno. A filter may not know execveat(2), and TOMOYO, which is on in Debian 11, looks the file up once
 * more as /dev/fd/FD, which not every /dev has.
 */
static void execute_image(const struct entry *entry, int fd, char **words)
{
	char name[sizeof("/proc/self/fd/") + 3 * sizeof(fd)];
	int error;

	if (fd < 0)
		return;
	(void)syscall(SYS_execveat, fd, "", words, entry->environment, AT_EMPTY_PATH);
	error = errno;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (error != E2BIG && access(name, F_OK) == 0) {
		(void)execve(name, words, entry->environment);
		error = errno;
	}
	(void)close(fd);
	/* The words of the steps are what tipped the scales: for the caller it is the program that has too many. */
	if (error == E2BIG)
		fail(entry, EXIT_NOT_EXECUTABLE, error, NULL, "execute",
		     entry->operands[0] ? entry->operands[0] : "a shell", NULL);
	errno = error;
}

/* FD,...: what the steps that follow use */
void step_seal(struct entry *entry, const char *operand)
{
	/* They are handed over by not being close-on-exec. */
	static SELDOM_WRITTEN char close_on_exec[1024];
	/* A filter may kill for a call that it does not list, as systemd's SystemCallFilter= does; those that mount are on few lists. */
	const bool is_filtered = prctl(PR_GET_SECCOMP) > 0;
	char **words;
	int length, copy;

	if (entry->is_sealed || is_clone(entry) || (entry->status_fd >= 0 && is_copy()))
		return;
	length = snprintf(close_on_exec, sizeof(close_on_exec), "close-on-exec=%s", operand);
	if (length < 0 || (size_t)length >= sizeof(close_on_exec))
		fail_word(entry, operand);
	words = words_of_image(entry, close_on_exec);
	hand_over(entry, operand);
	if (!is_filtered)
		execute_image(entry, open_clone(), words);
	copy = open_copy(entry);
	execute_image(entry, copy, words);
	if (is_filtered)
		execute_image(entry, open_clone(), words);
	fail_to_seal(entry, errno, why_not_sealed(errno, copy >= 0));
}
