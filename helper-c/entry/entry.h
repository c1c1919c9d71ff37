/* SPDX-License-Identifier: MIT */
/*
 * What every step knows: the entry that it is a step of, the numbers in its operand, and how it says that it failed.
 *
 * The helper executes the steps that it is given, in the order given, and decides nothing else. What the words mean
 * is in src/plan/steps.ts; vocabulary.h is rendered from there.
 */
#ifndef TSENTER_ENTRY_H
#define TSENTER_ENTRY_H

#include "entry/vocabulary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { EXIT_OWN_FAILURE = 1, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

enum { MAX_SHELLS = 16 };

/* What the steps leave for later ones, and what is executed at the end. */
struct entry {
	char *name;		/* argv[0] */
	char **words;		/* of the steps, NULL-terminated */
	char **called_with;	/* what the caller typed behind the name, as far as it is known, NULL-terminated */
	const char *prefix;	/* how messages begin; NULL: with the name that this process was called by */
	int failure_status;	/* instead of EXIT_OWN_FAILURE; 0: that */
	char *argv0;		/* what the program is to find as its own name; NULL: the word that it is found by */
	int status_fd;		/* where a failure is reported; -1: stderr */
	int messages;		/* the caller's stderr */
	const char *from;	/* whose namespaces come next, for messages */
	int joined;		/* CLONE_NEW* bits of the namespaces entered so far */
	int member;		/* a pidfd of a process in the entered PID namespace; -1: none is known */
	bool undumpable;	/* asked for; credential changes undo it */
	bool root_is_changed;
	bool environment_is_targets;
	bool groups_dropped;	/* by try-drop-groups */
	const char *exec_context; /* in which SELinux is to execute the program; NULL: nothing was asked for */
	char **next;		/* the steps after the one that is executed */
	const char *shells[MAX_SHELLS];	/* "": the one that /etc/passwd names */
	size_t shell_count;
	/* NULL-terminated; operands[-1] has to be writable, a script without #! needs the slot */
	char **operands;
	char **environment;
	bool remembers_ids;	/* these, of who owns a process */
	uid_t remembered_uid;
	gid_t remembered_gid;
	int terminal;		/* the caller's controlling terminal; -1: none */
	int starter;		/* the status in /proc of who leads the group and started this process; -1: not asked for */
	bool has_pty;		/* the program is to have a pseudo-terminal of its own */
	int escape;		/* the character that what is typed for the waiting parent begins with; -1: none */
	int master, slave;	/* its sides; -1: none yet */
	int pty_error;		/* why there is none yet */
	unsigned short rows, columns; /* its size, where it is said; 0: it is not */
	int sizes;		/* where other sizes come from; -1: nowhere */
	int output;		/* the caller's, so that it does not block; -1: as it is */
	bool forwards;		/* the waiting parent hands on the signals that it gets */
	int owner, owner_signal; /* the process whose end the child does not survive; -1: none */
	int death_signal;	/* that it gets when the parent dies; 0: none */
	int executing;		/* the child's end of a pipe whose other end the waiting parent has until then; -1: none */
	int channel;		/* by which a child hands its pseudo-terminal to the parent; -1: none */
	bool is_sealed;		/* nobody can write to the file of this process */
	bool may_be_sealed;	/* it was executed by descriptor, as from a clone of its file */
	/* gives back what the waiting parent needs no more; NULL: nothing */
	void (*release)(void);
	/* keeps from the child of a fork what only this process gives back; NULL: nothing */
	void (*withhold)(void);
};

/* What an entry is before any step. */
#define NEW_ENTRY \
	.status_fd = -1, .messages = 2, .from = "", .member = -1, .terminal = -1, .starter = -1, .escape = -1, \
	.master = -1, .slave = -1, .sizes = -1, .output = -1, .owner = -1, .executing = -1, .channel = -1

#define DECLARE(word, function) void step_##function(struct entry *entry, const char *operand);
/* Each ends the process where it fails. They stand in the rooms whose job they are. */
STEPS(DECLARE)
#undef DECLARE

/* After a change of credentials: what it undoes, as far as it was asked for. */
void hide_again(const struct entry *entry);
void watch_parent_again(const struct entry *entry);

/* UID|@: a number, or the one that was remembered. */
uid_t take_uid(const struct entry *entry, const char *operand);
gid_t take_gid(const struct entry *entry, const char *operand);

/* Whether the process of a stat file in /proc has ended, a zombie's included. */
bool stat_tells_end(int stat_file);

/*
 * Ends the process: "PREFIX VERB OBJECT: strerror(error)", or what nsenter says where this process is called so, and HINT on a second line unless NULL. The object is what
 * follows up to the NULL, joined.
 */
_Noreturn void fail(const struct entry *entry, int status, int error, const char *hint, const char *verb, ...)
	__attribute__((sentinel));
/* A word that TypeScript never writes. */
_Noreturn void fail_word(const struct entry *entry, const char *word);

/* The exit status of a failure of our own. */
int own_failure(const struct entry *entry);

/* To the library, where it is the one that waits for it: which process the child is, and that this one is about to execute the program. */
void tell_child(const struct entry *entry, pid_t child);
void tell_exec(const struct entry *entry);

/* The exit status that tells why a program was not executed. */
int exit_status(int error);

/* strerror(3) as the GNU C library has it, whichever is linked: scripts match these words. */
const char *describe_error(int error);

/* Writes a number in decimal; TEXT has room for 11 characters. */
char *write_number(char *text, unsigned int number);

/* Reads a decimal number up to MOST at *TEXT and moves behind it; a malformed one ends the process. */
unsigned long take_number(const struct entry *entry, const char **text, unsigned long most);
/* What it says, in either case; -1: it is none. */
int hexadecimal_digit(char digit);
/* A set of 64 as /proc/PID/status has them: sixteen hexadecimal digits. */
uint64_t take_set(const struct entry *entry, const char **text);
int take_fd(const struct entry *entry, const char **text);
/* The same where nothing may follow. */
unsigned long whole_number(const struct entry *entry, const char *text, unsigned long most);
/* With a `-` in front where it is below 0. */
long whole_signed(const struct entry *entry, const char *text, long least, long most);
int whole_fd(const struct entry *entry, const char *text);
/* FD:LABEL; gives the label. */
const char *take_labelled(const struct entry *entry, const char *text, int *fd);

#endif
