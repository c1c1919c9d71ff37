/* SPDX-License-Identifier: MIT */
/*
 * The helper executes the steps that it is given, in the order given, and decides nothing else. What the words mean
 * is in ../../src/plan/steps.ts; vocabulary.h is rendered from there.
 */
#ifndef TSENTER_HELPER_H
#define TSENTER_HELPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { EXIT_OWN_FAILURE = 1, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

enum { MAX_SHELLS = 16 };

/* What the steps leave for later ones, and what is executed at the end. */
struct entry {
	const char *prefix;	/* how messages begin */
	int status_fd;		/* where a failure is reported; -1: stderr */
	int messages;		/* the caller's stderr */
	const char *from;	/* whose namespaces come next, for messages */
	int joined;		/* CLONE_NEW* bits of the namespaces entered so far */
	bool undumpable;	/* asked for; credential changes undo it */
	bool groups_dropped;	/* by try-drop-groups */
	char **next;		/* the steps after the one that is executed */
	const char *shells[MAX_SHELLS];	/* "": the one that /etc/passwd names */
	size_t shell_count;
	/* NULL-terminated; operands[-1] has to be writable, a script without #! needs the slot */
	char **operands;
	char **environment;
	int terminal;		/* the caller's controlling terminal; -1: none */
	int master, slave;	/* of the program's own pseudo-terminal; -1: none */
	int pty_error;		/* why there is none, although it was asked for */
	int output;		/* the caller's, so that it does not block; -1: as it is */
	bool forwards;		/* the waiting parent hands on the signals that it gets */
	int owner, owner_signal; /* the process whose end the child does not survive; -1: none */
	int own_pidfd;		/* of the process that becomes the waiting parent */
	/* gives back what the waiting parent of a fork does not need; NULL: nothing */
	void (*forget)(void);
};

/* What an entry is before any step. */
#define NEW_ENTRY \
	.prefix = "tsenter:", .status_fd = -1, .messages = 2, .from = "", .terminal = -1, .master = -1, .slave = -1, \
	.output = -1, .owner = -1, .own_pidfd = -1

/*
 * Executes the words up to the NULL, then the program. Returns never: the process is the program's, the waiting
 * parent's, or ends with a message.
 */
_Noreturn void execute_steps(struct entry *entry, char **words);

/* The same from the next step on, for a child. */
_Noreturn void continue_steps(struct entry *entry);

/* The steps of other files than steps.c; each ends the process where it fails. */
void step_setns(struct entry *entry, const char *operand);
void step_try_setns(struct entry *entry, const char *operand);
void step_terminal(struct entry *entry, const char *operand);
void step_pty(struct entry *entry, const char *operand);
void step_pty_inside(struct entry *entry, const char *operand);
void step_forward_signals(struct entry *entry, const char *operand);
void step_owner(struct entry *entry, const char *operand);
void step_own_pidfd(struct entry *entry, const char *operand);
void step_fork(struct entry *entry, const char *operand);
void step_vfork(struct entry *entry, const char *operand);
void step_attach_pty(struct entry *entry, const char *operand);
void step_die_with_parent(struct entry *entry, const char *operand);
void step_try_drop_groups(struct entry *entry, const char *operand);
void step_drop_groups(struct entry *entry, const char *operand);
void step_keep_caps(struct entry *entry, const char *operand);
void step_gid(struct entry *entry, const char *operand);
void step_uid(struct entry *entry, const char *operand);
void step_ambient_caps(struct entry *entry, const char *operand);
void step_signals(struct entry *entry, const char *operand);
void step_open_files(struct entry *entry, const char *operand);

/* UID|@FD:PIDFD: a number, or the owner of a process as seen from inside. */
uid_t take_uid(const struct entry *entry, const char *operand);

/* Hides the process again after its credentials changed (prctl(2), PR_SET_DUMPABLE), if that was asked for. */
void hide_again(const struct entry *entry);

_Noreturn void execute_program(struct entry *entry);

/*
 * Ends the process: "PREFIX VERB OBJECT: strerror(error)", and HINT on a second line unless NULL. The object is what
 * follows up to the NULL, joined.
 */
_Noreturn void fail(const struct entry *entry, int status, int error, const char *hint, const char *verb, ...)
	__attribute__((sentinel));
/* A word that TypeScript never writes. */
_Noreturn void fail_word(const struct entry *entry, const char *word);

/* strerror(3) as the GNU C library has it, whichever is linked: scripts match these words. */
const char *describe_error(int error);

/* Writes a number in decimal; TEXT has room for 11 characters. */
char *write_number(char *text, unsigned int number);

/* Reads a decimal number up to MOST at *TEXT and moves behind it; a malformed one ends the process. */
unsigned long take_number(const struct entry *entry, const char **text, unsigned long most);
int take_fd(const struct entry *entry, const char **text);
/* The same where nothing may follow. */
unsigned long whole_number(const struct entry *entry, const char *text, unsigned long most);
int whole_fd(const struct entry *entry, const char *text);

#endif
