/* SPDX-License-Identifier: MIT */
/* The table of steps, and those that are a system call or two. */
#define _GNU_SOURCE
#include "entry/entry.h"
#include "entry/vocabulary.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

static void step_prefix(struct entry *entry, const char *operand)
{
	entry->prefix = operand;
}

static void step_status(struct entry *entry, const char *operand)
{
	entry->status_fd = whole_fd(entry, operand);
	if (fcntl(entry->status_fd, F_SETFD, FD_CLOEXEC))
		fail_word(entry, operand);
}

static void step_close_on_exec(struct entry *entry, const char *operand)
{
	while (*operand) {
		int fd = take_fd(entry, &operand);

		if (fcntl(fd, F_SETFD, FD_CLOEXEC))
			fail_word(entry, operand);
		if (*operand && *operand++ != ',')
			fail_word(entry, operand);
	}
}

static void step_close(struct entry *entry, const char *operand)
{
	/* Linux releases the descriptor whatever close(2) says of the file. */
	(void)close(whole_fd(entry, operand));
}

static void step_undumpable(struct entry *entry, const char *operand)
{
	(void)operand;
	entry->undumpable = true;
	hide_again(entry);
}

void hide_again(const struct entry *entry)
{
	if (entry->undumpable && prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "hide", "this process", NULL);
}

static void step_from(struct entry *entry, const char *operand)
{
	entry->from = operand;
}

/* What is written there counts for the next exec of this task; a process that the target bind-mounted is no procfs. */
static void step_exec_context(struct entry *entry, const char *operand)
{
	static const char path[] = "/proc/thread-self/attr/exec";
	size_t length = strlen(operand);
	struct statfs filesystem;
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "open", path, NULL);
	if (fstatfs(fd, &filesystem))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "stat", path, NULL);
	if (filesystem.f_type != PROC_SUPER_MAGIC)
		fail(entry, EXIT_OWN_FAILURE, EPERM, "It is not on a proc file system.", "write", path, NULL);
	if (write(fd, operand, length) != (ssize_t)length)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "set", "SELinux context ", operand, NULL);
	(void)close(fd);
}

/* FD:LABEL */
static const char *take_labelled(const struct entry *entry, const char *operand, int *fd)
{
	*fd = take_fd(entry, &operand);
	if (*operand != ':')
		fail_word(entry, operand);
	return operand + 1;
}

static void step_chroot(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd) || chroot("."))
		fail(entry, EXIT_OWN_FAILURE, errno,
		     errno == EPERM ? "Needs CAP_SYS_CHROOT in the user namespace that is entered." : NULL, "change",
		     "root directory to ", label, NULL);
}

static void step_chdir(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (fchdir(fd))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "change", "working directory to ", label, NULL);
}

static void step_chdir_inside(struct entry *entry, const char *operand)
{
	if (chdir(operand))
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "change", "working directory inside to ", operand, NULL);
}

static void step_join_cgroup(struct entry *entry, const char *operand)
{
	int fd;
	const char *label = take_labelled(entry, operand, &fd);

	if (write(fd, "0", 1) != 1)
		fail(entry, EXIT_OWN_FAILURE, errno, NULL, "join", "cgroup ", label, NULL);
}

static void step_shell(struct entry *entry, const char *operand)
{
	if (entry->shell_count == MAX_SHELLS)
		fail_word(entry, operand);
	entry->shells[entry->shell_count++] = operand;
}

static const struct step {
	const char *name;
	void (*run)(struct entry *entry, const char *operand);
} steps[] = {
#define STEP(word, function) { word, step_##function },
	STEPS(STEP)
#undef STEP
};

static const struct step *find_step(const struct entry *entry, const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (strlen(steps[i].name) == length && memcmp(steps[i].name, word, length) == 0)
			return steps + i;
	fail_word(entry, word);
}

void continue_steps(struct entry *entry)
{
	while (*entry->next) {
		const char *word = *entry->next++;
		const char *equals = strchr(word, '=');

		find_step(entry, word)->run(entry, equals ? equals + 1 : "");
	}
	execute_program(entry);
}

void execute_steps(struct entry *entry, char **words)
{
	/* All are known before the first is executed. */
	for (char **word = words; *word; word++)
		(void)find_step(entry, *word);
	entry->next = words;
	continue_steps(entry);
}
