/* SPDX-License-Identifier: MIT */
/* Rendered from src/plan/steps.ts, src/options/table.ts, src/sys/namespaces.ts and src/cli/screens by "npm run render". */
#ifndef TSENTER_VOCABULARY_H
#define TSENTER_VOCABULARY_H

#define STEPS(X) \
	X("prefix", prefix) \
	X("skip", skip) \
	X("called", called) \
	X("status", status) \
	X("seal", seal) \
	X("oom-score", oom_score) \
	X("nice", nice) \
	X("scheduler", scheduler) \
	X("io-priority", io_priority) \
	X("affinity", affinity) \
	X("limit", limit) \
	X("copy-filters", copy_filters) \
	X("filters", filters) \
	X("close-above", close_above) \
	X("new-session", new_session) \
	X("umask", umask) \
	X("no-new-privs", no_new_privs) \
	X("groups", groups) \
	X("capabilities", capabilities) \
	X("exec-profile", exec_profile) \
	X("close-on-exec", close_on_exec) \
	X("close", close) \
	X("open-files", open_files) \
	X("signals", signals) \
	X("undumpable", undumpable) \
	X("terminal", terminal) \
	X("pty", pty) \
	X("pty-size", pty_size) \
	X("keep-terminals", keep_terminals) \
	X("pty-inside", pty_inside) \
	X("forward-signals", forward_signals) \
	X("owner", owner) \
	X("from", from) \
	X("exec-context", exec_context) \
	X("try-drop-groups", try_drop_groups) \
	X("try-setns", try_setns) \
	X("setns", setns) \
	X("mounted", mounted) \
	X("alive", alive) \
	X("ids-of", ids_of) \
	X("chroot", chroot) \
	X("chdir", chdir) \
	X("chdir-path", chdir_path) \
	X("chdir-inside", chdir_inside) \
	X("inside", inside) \
	X("fork", fork) \
	X("attach-pty", attach_pty) \
	X("join-cgroup", join_cgroup) \
	X("session-keyring", session_keyring) \
	X("drop-groups", drop_groups) \
	X("keep-caps", keep_caps) \
	X("gid", gid) \
	X("uid", uid) \
	X("ambient-caps", ambient_caps) \
	X("die-with-parent", die_with_parent) \
	X("print", print) \
	X("print-in-root", print_in_root) \
	X("targets-environment", targets_environment) \
	X("shell", shell) \
	X("failure-status", failure_status)

enum option_value { NO_VALUE, OPTIONAL_VALUE, REQUIRED_VALUE };

/* what a start has to know before it parses: name, letter, value, whether files of a target are entered */
#define OPTIONS(X) \
	X("all", 'a', NO_VALUE, true) \
	X("target", 't', REQUIRED_VALUE, false) \
	X("mount", 'm', OPTIONAL_VALUE, true) \
	X("uts", 'u', OPTIONAL_VALUE, false) \
	X("ipc", 'i', OPTIONAL_VALUE, false) \
	X("net", 'n', OPTIONAL_VALUE, false) \
	X("net-socket", 'N', REQUIRED_VALUE, false) \
	X("pid", 'p', OPTIONAL_VALUE, false) \
	X("cgroup", 'C', OPTIONAL_VALUE, false) \
	X("user", 'U', OPTIONAL_VALUE, false) \
	X("user-parent", 0, NO_VALUE, false) \
	X("time", 'T', OPTIONAL_VALUE, false) \
	X("setuid", 'S', REQUIRED_VALUE, false) \
	X("setgid", 'G', REQUIRED_VALUE, false) \
	X("preserve-credentials", 0, NO_VALUE, false) \
	X("keep-caps", 0, NO_VALUE, false) \
	X("root", 'r', OPTIONAL_VALUE, true) \
	X("wd", 'w', OPTIONAL_VALUE, false) \
	X("wdns", 'W', OPTIONAL_VALUE, false) \
	X("env", 'e', NO_VALUE, false) \
	X("no-fork", 'F', NO_VALUE, false) \
	X("join-cgroup", 'c', NO_VALUE, false) \
	X("follow-context", 'Z', NO_VALUE, false) \
	X("pty", 0, NO_VALUE, false) \
	X("no-pty", 0, NO_VALUE, false) \
	X("escape", 0, REQUIRED_VALUE, false) \
	X("kill-child", 0, OPTIONAL_VALUE, false) \
	X("no-kill-child", 0, NO_VALUE, false) \
	X("no-forward-signals", 0, NO_VALUE, false) \
	X("failure-status", 0, REQUIRED_VALUE, false) \
	X("groups", 0, REQUIRED_VALUE, false) \
	X("caps", 0, REQUIRED_VALUE, false) \
	X("no-new-privs", 0, NO_VALUE, false) \
	X("umask", 0, REQUIRED_VALUE, false) \
	X("new-session", 0, NO_VALUE, false) \
	X("setenv", 0, REQUIRED_VALUE, false) \
	X("unsetenv", 0, REQUIRED_VALUE, false) \
	X("clear-env", 0, NO_VALUE, false) \
	X("env-file", 0, REQUIRED_VALUE, false) \
	X("close-fds", 0, NO_VALUE, false) \
	X("preserve-fds", 0, REQUIRED_VALUE, false) \
	X("as-target", 0, OPTIONAL_VALUE, false) \
	X("unsealed", 0, NO_VALUE, false) \
	X("host-root", 0, REQUIRED_VALUE, false) \
	X("list", 0, OPTIONAL_VALUE, false) \
	X("explain", 0, OPTIONAL_VALUE, false) \
	X("completion", 0, REQUIRED_VALUE, false) \
	X("help", 'h', NO_VALUE, false) \
	X("version", 'V', NO_VALUE, false)

/* options that may have a directory behind a '=', and one that may have a signal */
#define DIRECTORY_OPTIONS(X) \
	X("root") \
	X("wd") \
	X("wdns")

#define SIGNAL_OPTIONS(X) \
	X("kill-child")

#define SIGNAL_NAMES(X) \
	X("HUP") \
	X("INT") \
	X("QUIT") \
	X("ILL") \
	X("TRAP") \
	X("ABRT") \
	X("BUS") \
	X("FPE") \
	X("KILL") \
	X("USR1") \
	X("SEGV") \
	X("USR2") \
	X("PIPE") \
	X("ALRM") \
	X("TERM") \
	X("STKFLT") \
	X("CHLD") \
	X("CONT") \
	X("STOP") \
	X("TSTP") \
	X("TTIN") \
	X("TTOU") \
	X("URG") \
	X("XCPU") \
	X("XFSZ") \
	X("VTALRM") \
	X("PROF") \
	X("WINCH") \
	X("IO") \
	X("PWR") \
	X("SYS")

/* what --as-target may have behind its '=' */
#define ASPECTS(X) \
	X("namespaces") \
	X("root") \
	X("wd") \
	X("env") \
	X("ids") \
	X("groups") \
	X("caps") \
	X("no-new-privs") \
	X("label") \
	X("cgroup") \
	X("limits") \
	X("oom") \
	X("umask") \
	X("sched") \
	X("keyring") \
	X("fds") \
	X("session") \
	X("seccomp") \
	X("strict")

/* in the order of joining: name, file below /proc/PID/ns, CLONE_NEW* bit */
#define NAMESPACES(X) \
	X("user", "user", 0x10000000) \
	X("cgroup", "cgroup", 0x2000000) \
	X("ipc", "ipc", 0x8000000) \
	X("uts", "uts", 0x4000000) \
	X("net", "net", 0x40000000) \
	X("pid", "pid", 0x20000000) \
	X("mount", "mnt", 0x20000) \
	X("time", "time", 0x80)

/* by which callers know nsenter */
#define NSENTER_NAMES(X) \
	X("nsenter") \
	X("nsenter.static")

/* what nsenter says for a step that failed: verb, with what the object begins; sentence, whether the object's rest follows, and what does then */
#define SENTENCES(X) \
	X("enter", "user namespace of ", "reassociate to namespace 'ns/user' failed", false, "") \
	X("enter", "cgroup namespace of ", "reassociate to namespace 'ns/cgroup' failed", false, "") \
	X("enter", "ipc namespace of ", "reassociate to namespace 'ns/ipc' failed", false, "") \
	X("enter", "uts namespace of ", "reassociate to namespace 'ns/uts' failed", false, "") \
	X("enter", "net namespace of ", "reassociate to namespace 'ns/net' failed", false, "") \
	X("enter", "pid namespace of ", "reassociate to namespace 'ns/pid' failed", false, "") \
	X("enter", "mount namespace of ", "reassociate to namespace 'ns/mnt' failed", false, "") \
	X("enter", "time namespace of ", "reassociate to namespace 'ns/time' failed", false, "") \
	X("change", "root directory to ", "chroot failed", false, "") \
	X("change", "working directory to that of ", "change directory by working directory file descriptor failed", false, "") \
	X("change", "working directory ", "cannot open current working directory", false, "") \
	X("join", "cgroup ", "write cgroup.procs failed", false, "") \
	X("read", "owner of the target", "can not get process stat", false, "") \
	X("drop", "supplementary groups", "setgroups failed", false, "") \
	X("set", "group id ", "setgid() failed", false, "") \
	X("set", "user id ", "setuid() failed", false, "") \
	X("set", "SELinux context ", "failed to set exec context to '", true, "'") \
	X("fork", "", "fork failed", false, "") \
	X("execute", "", "failed to execute ", true, "")

#endif
