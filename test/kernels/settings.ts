/**
 * What only a machine of one's own lets be changed: sysctls, cgroup hierarchies, how /proc is mounted, how much may be forked. A table of
 * settings, each with what can be entered then and what is said where something cannot. They are made one after the other in one
 * machine (settings.test.ts), so each is undone; those that no kernel takes back come last.
 */

/** Root, or an ordinary user. */
export type Who = 0 | 1000;
const root: Who = 0;
export const user: Who = 1000;

export interface Case {
  readonly who: Who;
  /** As they are typed behind `tsenter`, in a shell that has the variables of `targets`. */
  readonly words: string;
  /** 0: it is entered. */
  readonly status: number;
  /** Standard output. */
  readonly prints?: RegExp;
  /** Standard error; nothing is to be said where it is not given. */
  readonly says?: RegExp;
  /** A command that executes tsenter. */
  readonly under?: string;
  /** Whether --explain tells the same before; there are words that it does not go with. */
  readonly told: boolean;
}

export interface Setting {
  readonly what: string;
  /** The first kernel that has it. */
  readonly since?: readonly [number, number];
  /** The first kernel that it is not of any more. */
  readonly until?: readonly [number, number];
  /** Made and undone by a shell. */
  readonly set?: string;
  readonly undo?: string;
  readonly cases: readonly Case[];
}

/** The programs to be entered, by the variable that has their number; the words are those of test/programs/target.c, or actor.c. */
export const targets: Readonly<Record<string, { readonly who: Who; readonly words: string }>> = {
  /** of root, with everything of its own but users */
  container: {
    who: root,
    words: 'target ns=mount,uts,ipc,net,pid,cgroup fork hostname=inside private proc=/proc',
  },
  /** of the user, in a user namespace of the user's */
  owned: {
    who: user,
    words:
      "target ns=user setgroups=deny 'uidmap=0 1000 1' 'gidmap=0 1000 1' gid=0 uid=0 ns=mount,uts,net private",
  },
  /** of the user, in no namespace of its own */
  plain: { who: user, words: 'target' },
  /** of root, with a socket of another network namespace as its descriptor 7 */
  socket: { who: root, words: 'actor socket' },
};

const enters = (who: Who, words: string, prints?: RegExp): Case => ({
  ...{ who, words, status: 0, told: true },
  ...(prints && { prints }),
});

const refused = (who: Who, words: string, says: RegExp): Case => ({
  ...{ who, words, says, status: 1, told: true },
});

/** What is no entry, or ends after it; or only entering tells. */
const ends = (status: number, who: Who, words: string, prints?: RegExp, says?: RegExp): Case => ({
  ...{ who, words, status, told: false },
  ...(prints && { prints }),
  ...(says && { says }),
});

const belongsToRoot =
  /^tsenter: open net namespace of target \d+: Permission denied\ntarget \d+ belongs to root: run tsenter as root\.\n$/;

/** What no setting changes: of root, with a clone of the executable, and of a user, with a copy in memory. */
const asEver: readonly Case[] = [
  ends(0, root, '-t $container -a --pty tty', /^\/dev\/pts\/\d+\r\n$/),
  enters(user, '-t $owned -a hostname', /^guest\n$/),
];

const cgroup = '/sys/fs/cgroup';
/** As far as the kernel has them for version 1. */
const controllers = 'cpu,cpuacct cpuset memory pids freezer devices net_cls,net_prio blkio';
const inItsCgroup = enters(
  root,
  '-t $container -u -c sh -c \'test "$(cat /proc/self/cgroup)" = "$(cat /proc/$1/cgroup)"\' - $container',
);

export const settings: readonly Setting[] = [
  {
    what: 'nothing is changed',
    cases: [
      ...asEver,
      enters(root, '-t $container -a --pty tty', /^\/dev\/pts\/\d+\r\n$/),
      enters(root, '-t $container -a id -u', /^0\n$/),
      enters(user, '-t $owned -U -n id -u', /^0\n$/),
      refused(user, '-t $container -n true', belongsToRoot),
      ends(0, root, '--list=namespaces', /\bmount +1 +\d+ +root +target\b/),
    ],
  },
  {
    what: 'process 1 and a kernel thread as the target',
    cases: [
      enters(root, '-t 1 -a id -u', /^0\n$/),
      enters(root, '-t 1 -a -r -w pwd', /^\/\n$/),
      enters(root, '-t 1 -m -S follow -G follow id -u', /^0\n$/),
      enters(root, '-t 1 -a --pty tty', /^\/dev\/pts\/\d+\r\n$/),
      enters(root, '-t 2 -a id -u', /^0\n$/),
      enters(root, '-t 2 -e env', /^$/),
      refused(user, '-t 1 -n true', belongsToRoot),
    ],
  },
  {
    what: 'cgroups of version 1',
    set: `mount -t tmpfs tmpfs ${cgroup}
for names in ${controllers}; do
	grep -q "^\${names%,*}	" /proc/cgroups || continue
	mkdir ${cgroup}/$names
	# Newer kernels name controllers that are for version 2 only.
	mount -t cgroup -o $names cgroup ${cgroup}/$names 2>/dev/null || rmdir ${cgroup}/$names
done
mkdir ${cgroup}/systemd
mount -t cgroup -o none,name=systemd cgroup ${cgroup}/systemd
for hierarchy in ${cgroup}/*; do
	mkdir $hierarchy/box
	case $hierarchy in */cpuset) for file in cpus mems; do cat $hierarchy/cpuset.$file >$hierarchy/box/cpuset.$file; done ;; esac
	echo $container >$hierarchy/box/cgroup.procs
	echo $owned >$hierarchy/box/cgroup.procs
done`,
    cases: [
      inItsCgroup,
      enters(root, '-t $container -a -c --pty true'),
      refused(
        user,
        '-t $owned -U -c true',
        /^tsenter: join cgroup \S+:\/box of target \d+: Permission denied\nNeeds write permission for \/sys\/fs\/cgroup\/\S+\/box\/cgroup\.procs\.\n$/,
      ),
    ],
  },
  {
    what: 'a frozen cgroup of version 1',
    set: `echo FROZEN >${cgroup}/freezer/box/freezer.state; until grep -q FROZEN ${cgroup}/freezer/box/freezer.state; do :; done`,
    undo: `echo THAWED >${cgroup}/freezer/box/freezer.state`,
    cases: [
      enters(root, '-t $container -n true'),
      refused(root, '-t $container -n -c true', /: the cgroup is frozen\n.*Thaw it first/),
    ],
  },
  {
    what: 'a cgroup that holds as many processes as it may: the target’s',
    set: `echo 1 >${cgroup}/pids/box/pids.max`,
    undo: `echo max >${cgroup}/pids/box/pids.max`,
    cases: [
      // Who moves there is not counted against it; who is forked is.
      enters(root, '-t $container -a -c true'),
      ends(2, root, "-t $container -u -c sh -c 'true & wait'", undefined, /can't fork/),
    ],
  },
  {
    what: 'the caller’s',
    // The shell of this script, launch and tsenter.
    set: `mkdir ${cgroup}/pids/full; echo $$ >${cgroup}/pids/full/cgroup.procs; echo 3 >${cgroup}/pids/full/pids.max`,
    undo: `echo $$ >${cgroup}/pids/cgroup.procs; rmdir ${cgroup}/pids/full`,
    cases: [
      enters(root, '-t $container -u true'),
      refused(
        root,
        '-t $container -a true',
        /^tsenter: fork into the PID namespace of target \d+: Resource temporarily unavailable\n.*pids\.max/,
      ),
      refused(
        root,
        '-t $container -u --pty true',
        /^tsenter: fork a child: Resource temporarily unavailable\n/,
      ),
    ],
  },
  {
    what: 'cgroups of both versions',
    set: `mkdir ${cgroup}/unified
mount -t cgroup2 cgroup2 ${cgroup}/unified
mkdir ${cgroup}/unified/box
echo $container >${cgroup}/unified/box/cgroup.procs`,
    undo: `for directory in ${cgroup}/*; do
	for pid in $container $owned; do echo $pid >$directory/cgroup.procs; done
	rmdir $directory/box
	umount $directory
done
umount ${cgroup}`,
    cases: [inItsCgroup, enters(root, '-t $container -a -c true')],
  },
  {
    what: 'cgroups of version 2',
    set: `mount -t cgroup2 -o nsdelegate cgroup2 ${cgroup}
mkdir ${cgroup}/box ${cgroup}/mine
echo $container >${cgroup}/box/cgroup.procs
echo $owned >${cgroup}/mine/cgroup.procs
chown -R 1000 ${cgroup}/mine`,
    cases: [
      inItsCgroup,
      enters(root, '-t $container -a -c --pty true'),
      // Delegated, but the caller is not in what was (cgroups(7)).
      ends(1, user, '-t $owned -U -c true', undefined, /: Permission denied\n.*closest cgroup above both/),
    ],
  },
  {
    what: 'a cgroup that is covered',
    set: `mount -t tmpfs tmpfs ${cgroup}`,
    undo: `umount ${cgroup}`,
    cases: [
      refused(root, '-t $container -u -c true', /: No such file or directory\n.*and not covered,/),
      enters(root, '-t $container -u true'),
    ],
  },
  {
    what: 'vm.overcommit_memory=2',
    set: 'echo 2 >/proc/sys/vm/overcommit_memory',
    undo: 'echo 0 >/proc/sys/vm/overcommit_memory',
    cases: asEver,
  },
  {
    what: 'hidepid=1',
    set: 'mount -o remount,hidepid=1 /proc',
    cases: [
      ...asEver,
      refused(
        user,
        '-t $container -n true',
        /: Operation not permitted\n\/proc is mounted with hidepid=\w+, /,
      ),
      refused(user, '-t 32767 -n true', /: No such process\n$/),
      ends(
        0,
        user,
        '--list',
        undefined,
        /^tsenter: list processes of others: \/proc is mounted with hidepid=/,
      ),
    ],
  },
  {
    what: 'hidepid=2',
    set: 'mount -o remount,hidepid=2 /proc',
    cases: [
      ...asEver,
      refused(
        user,
        '-t $container -n true',
        /: No such file or directory\n\/proc is mounted with hidepid=\w+, /,
      ),
      refused(
        user,
        '--net=/proc/$container/ns/net true',
        /: No such file or directory\n\/proc is mounted with hid/,
      ),
      refused(user, '-t 32767 -n true', /: No such process\n$/),
      ends(
        0,
        user,
        '--list',
        undefined,
        /^tsenter: list processes of others: \/proc is mounted with hidepid=/,
      ),
    ],
  },
  {
    what: 'hidepid=ptraceable',
    set: 'mount -o remount,hidepid=ptraceable /proc',
    undo: 'mount -o remount,hidepid=0 /proc',
    cases: asEver,
  },
  {
    what: '/proc with processes alone (subset=pid)',
    set: 'mount -t proc -o subset=pid proc /proc',
    undo: 'umount /proc',
    cases: [...asEver, ends(0, root, '--list'), ends(0, root, '--version', /^kernel: .*pidfd yes/m)],
  },
  {
    what: 'dev.tty.legacy_tiocsti=0',
    since: [6, 2],
    set: 'echo 0 >/proc/sys/dev/tty/legacy_tiocsti',
    undo: 'echo 1 >/proc/sys/dev/tty/legacy_tiocsti',
    cases: asEver,
  },
  {
    what: 'no pseudo-terminal is left (kernel.pty.max=0)',
    set: 'echo 0 >/proc/sys/kernel/pty/max',
    undo: 'echo 4096 >/proc/sys/kernel/pty/max',
    cases: ['-t $container -u', '-t $container -a'].map((words) =>
      ends(
        1,
        root,
        `${words} --pty true`,
        undefined,
        /: No space left on device\nAs many are open as may be: /,
      ),
    ),
  },
  {
    what: 'no user namespaces for users (kernel.unprivileged_userns_clone=0, of Debian)',
    set: 'echo 0 >/proc/sys/kernel/unprivileged_userns_clone',
    undo: 'echo 1 >/proc/sys/kernel/unprivileged_userns_clone',
    cases: asEver,
  },
  {
    what: 'no new namespaces at all',
    set: 'for file in /proc/sys/user/max_*_namespaces; do echo 0 >$file; done',
    undo: 'for file in /proc/sys/user/max_*_namespaces; do echo 1000 >$file; done',
    // Those that are there can be entered; the executable is copied, for a clone of it would be a new one.
    cases: asEver,
  },
  {
    what: 'a root that is read-only',
    set: 'mount -o remount,bind,ro /',
    undo: 'mount -o remount,bind,rw /',
    cases: asEver,
  },
  {
    what: 'a /dev without fd',
    set: 'rm /dev/fd',
    undo: 'ln -s /proc/self/fd /dev/fd',
    // TOMOYO, which is on in the oldest of these kernels, looks there for what is executed by a descriptor.
    cases: asEver,
  },
  {
    what: 'no /proc',
    set: 'umount -l /proc',
    undo: 'mount -t proc proc /proc',
    cases: [
      refused(
        root,
        '-t $container -a true',
        /^tsenter: read \/proc\/self: No such file or directory\nIs \/proc mounted\?\n$/,
      ),
      ends(0, root, '--unsealed -r/ pwd', /^\/\n$/),
      ends(0, root, '--list', undefined, /^tsenter: list processes: \/proc is not mounted\n$/),
      ends(0, root, '--list=namespaces', undefined, /^tsenter: list processes: \/proc is not mounted\n$/),
      ends(0, root, '--version', /^kernel: /m),
    ],
  },
  {
    what: 'vm.memfd_noexec=1',
    since: [6, 3],
    set: 'echo 1 >/proc/sys/vm/memfd_noexec',
    cases: asEver,
  },
  {
    what: 'vm.memfd_noexec=2',
    since: [6, 3],
    set: 'echo 2 >/proc/sys/vm/memfd_noexec',
    undo: 'echo 0 >/proc/sys/vm/memfd_noexec',
    cases: [
      enters(root, '-t $container -a id -u', /^0\n$/),
      refused(
        user,
        '-t $owned -a true',
        /^tsenter: seal this executable: Permission denied\nWith the sysctl vm\.memfd_noexec=2 nobody may/,
      ),
      enters(user, '--unsealed -t $owned -a true'),
      enters(user, '-t $owned -U -n true'),
    ],
  },
  {
    what: 'kernel.yama.ptrace_scope=0',
    set: 'echo 0 >/proc/sys/kernel/yama/ptrace_scope',
    cases: [...asEver, enters(root, '-t $socket -N 7 true')],
  },
  ...([1, 2] as const).map((scope) => ({
    what: `kernel.yama.ptrace_scope=${scope}`,
    set: `echo ${scope} >/proc/sys/kernel/yama/ptrace_scope`,
    cases: [
      ...asEver,
      enters(user, '-t $plain -e -w pwd', /^\/\n$/),
      enters(root, '-t $socket -N 7 true'),
      refused(
        user,
        '-t $socket -N 7 true',
        /^tsenter: take socket 7 .*\ntarget \d+ belongs to root: run tsenter/,
      ),
      refused(
        user,
        '-t $plain -N 7 true',
        new RegExp(
          `^tsenter: take socket 7 of target \\d+: Operation not permitted\\n.*ptrace_scope=${scope} leaves that to CAP`,
        ),
      ),
    ],
  })),
  {
    what: 'numbers that come round (kernel.pid_max=400): the number of the target is another process’s by now',
    // No number below 300 is given a second time.
    set: `echo 400 >/proc/sys/kernel/pid_max
sleep 100000 & victim=$! inode=$(actor inode $!)
replace $victim
now=$(actor inode $victim)`,
    cases: [
      enters(root, '-t $victim -w pwd', /^\/\n$/),
      // It was pinned, and is held behind that while another process gets its number.
      {
        ...ends(1, root, '-t VICTIM -u true', undefined, /^tsenter: open target \d+: No such process\n/),
        under: 'held',
      },
      {
        ...ends(1, root, '-t VICTIM -a true', undefined, /^tsenter: open target \d+: No such process\n/),
        under: 'held',
      },
    ],
  },
  {
    what: 'PID:inode then',
    since: [6, 9],
    cases: [
      enters(root, '-t $victim:$now -w pwd', /^\/\n$/),
      refused(
        root,
        '-t $victim:$inode -w pwd',
        /: No such process\nProcess \d+ is another one now: its pidfd has the inode \d+\.\n$/,
      ),
    ],
  },
  {
    what: 'PID:inode of a kernel that has none',
    until: [6, 9],
    cases: [
      refused(
        root,
        '-t $victim:$inode -w pwd',
        /: this kernel gives pidfds no inode of their own\nPID:inode needs Linux 6\.9;/,
      ),
    ],
  },
  ...['integrity', 'confidentiality'].map((level) => ({
    what: `kernel lockdown: ${level}`,
    set: `echo ${level} >/sys/kernel/security/lockdown`,
    cases: asEver,
  })),
  {
    what: 'kernel.yama.ptrace_scope=3',
    set: 'echo 3 >/proc/sys/kernel/yama/ptrace_scope',
    cases: [
      ...asEver,
      refused(
        root,
        '-t $socket -N 7 true',
        /: Operation not permitted\n.*ptrace_scope=3 nobody may, until the next boot\.\n$/,
      ),
    ],
  },
];
