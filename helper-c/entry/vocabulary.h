/* SPDX-License-Identifier: MIT */
/* Rendered from src/plan/steps.ts and src/sys/namespaces.ts by "npm run render". */
#ifndef TSENTER_VOCABULARY_H
#define TSENTER_VOCABULARY_H

#define STEPS(X) \
	X("prefix", prefix) \
	X("skip", skip) \
	X("status", status) \
	X("seal", seal) \
	X("close-on-exec", close_on_exec) \
	X("close", close) \
	X("open-files", open_files) \
	X("signals", signals) \
	X("undumpable", undumpable) \
	X("terminal", terminal) \
	X("pty", pty) \
	X("keep-terminals", keep_terminals) \
	X("pty-inside", pty_inside) \
	X("forward-signals", forward_signals) \
	X("owner", owner) \
	X("own-pidfd", own_pidfd) \
	X("from", from) \
	X("exec-context", exec_context) \
	X("try-drop-groups", try_drop_groups) \
	X("try-setns", try_setns) \
	X("setns", setns) \
	X("mounted", mounted) \
	X("alive", alive) \
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
	X("shell", shell)

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

#endif
