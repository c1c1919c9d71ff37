import type { OptionName, OptionWithValue } from './table.ts';

/** The headings under which the man page and the README list the options, in this order. */
export const OPTION_GROUPS = {
  target: { title: 'Target', introduction: '' },
  namespaces: {
    title: 'Namespaces',
    introduction:
      'Without a value a namespace is that of the target. _file_ is one of the _/proc/PID/ns/*_ files or a bind mount of one; *:*_nsid_ is the number that the kernel gives each namespace (Linux 6.19).',
  },
  credentials: { title: 'Credentials', introduction: '' },
  confinement: {
    title: 'Confinement',
    introduction: 'Otherwise the program has what the caller has: as root, every capability.',
  },
  surroundings: { title: 'Root, directory, environment, limits', introduction: '' },
  execution: { title: 'Execution', introduction: '' },
  terminal: { title: 'Terminal', introduction: '' },
  waiting: {
    title: 'Waiting for the program',
    introduction: 'After a fork *tsenter* waits for the program and behaves as if it were the program.',
  },
  information: { title: 'Information', introduction: '' },
} as const;

interface OptionText {
  group: keyof typeof OPTION_GROUPS;
  /** what its value is called */
  value?: string;
  /** one line for `--help`, lowercase, without a full stop */
  summary: string;
  /** paragraphs for the man page, in inline markup: `*bold*`, `_italic_` */
  details: readonly string[];
}

/** What people read about each option: --help, the man page and the README's table. */
export const OPTION_TEXT: Readonly<
  Record<OptionName, OptionText> & Record<OptionWithValue, { value: string }>
> = {
  all: {
    group: 'namespaces',
    summary: 'enter all namespaces of the target',
    details: [
      'Enter every namespace of the target that differs from the one that the caller is in. A namespace that is named as well, such as *--net=*_file_, is entered as named.',
      'A mount namespace that is equal is joined again if that is permitted, because joining it resets the root and the working directory; for a PID or a time namespace to count as equal the one for children has to be equal too.',
    ],
  },
  target: {
    group: 'target',
    value: 'PID|name',
    summary: 'process, or container by name, to enter',
    details: [
      'The target process. It is pinned through a pidfd from the first look to the last, so that a process number which is used anew is never taken for it. Where pidfd_open(2) is denied or unknown, its directory in /proc pins it.',
      'The number of a thread names that thread, whose namespaces need not be those of its process.',
      '*PID:*_inode_, with the inode of a pidfd of the process (Linux 6.9), names one process for good: another process that has got its number since is refused.',
      'What is no number is the name, the id, or the beginning of the id of a container, alone or behind the engine that has it, as in *docker:web* (see *CONTAINERS BY NAME*). Named so, it is entered whole, as with *--all*, unless a namespace is named as well.',
    ],
  },
  mount: {
    group: 'namespaces',
    value: 'file|:nsid',
    summary: 'enter mount namespace',
    details: [
      'Enter the mount namespace.',
      'The root and the working directory become the root of that namespace (see *--root*, *--wd* and *--wdns*).',
    ],
  },
  uts: {
    group: 'namespaces',
    value: 'file|:nsid',
    summary: 'enter UTS namespace (hostname etc)',
    details: ['Enter the UTS namespace: host name and domain name.'],
  },
  ipc: {
    group: 'namespaces',
    value: 'file|:nsid',
    summary: 'enter System V IPC namespace',
    details: ['Enter the IPC namespace: System V IPC and POSIX message queues.'],
  },
  net: {
    group: 'namespaces',
    value: 'file|:nsid',
    summary: 'enter network namespace',
    details: [
      'Enter the network namespace: devices, addresses, routes, firewall rules and sockets.',
      'With *--net* alone _/sys/class/net_ and _/etc/resolv.conf_ are those of the caller, because they belong to the mount namespace (see *EXAMPLES*).',
    ],
  },
  'net-socket': {
    group: 'namespaces',
    value: 'fd',
    summary: "enter network namespace of the target's socket fd",
    details: [
      "Enter the network namespace of the socket that is the target's descriptor _fd_, which may differ from the target's own. It takes the place of *--net*. Needs Linux 5.6 and permission to attach to the target (PTRACE_MODE_ATTACH_REALCREDS), which the sysctl kernel.yama.ptrace_scope leaves to CAP_SYS_PTRACE where it is 1 or 2, and to nobody where it is 3.",
    ],
  },
  pid: {
    group: 'namespaces',
    value: 'file|:nsid',
    summary: 'enter pid namespace (forks, see --no-fork)',
    details: [
      'Enter the PID namespace.',
      'Because a process never changes its own PID namespace, only that of its future children, *tsenter* forks and its child executes the program (see *PID NAMESPACES AND THE FORK*).',
      'With *--pid* alone ps(1) shows the processes of the caller, because _/proc_ belongs to the mount namespace (see *EXAMPLES*).',
    ],
  },
  cgroup: {
    group: 'namespaces',
    value: 'file|:nsid',
    summary: 'enter cgroup namespace',
    details: [
      'Enter the cgroup namespace: what _/proc/self/cgroup_ shows as root. It does not move the program into a cgroup; *--join-cgroup* does.',
    ],
  },
  user: {
    group: 'namespaces',
    value: 'file|:nsid',
    summary: 'enter user namespace',
    details: [
      'Enter the user namespace.',
      "The ids become 0 inside it and the supplementary groups are dropped, unless *--setuid*, *--setgid* or *--preserve-credentials* says otherwise. The caller's own user namespace cannot be entered again.",
    ],
  },
  'user-parent': {
    group: 'namespaces',
    summary: 'enter parent user namespace',
    details: [
      'Enter the parent of the user namespace: of the one that *--user* names by file or id, else of that of the target. It takes the place of *--user*.',
    ],
  },
  time: {
    group: 'namespaces',
    value: 'file|:nsid',
    summary: 'enter time namespace',
    details: ['Enter the time namespace: offsets of the boot-time and monotonic clocks.'],
  },
  setuid: {
    group: 'credentials',
    value: 'user|follow',
    summary: 'set uid in entered namespace',
    details: [
      'Set the real, effective and saved user id to _user_, a number as the entered user namespace counts, and drop the supplementary groups. With *follow* it is the owner of the target as seen from inside, which is root for a target that is not dumpable (proc(5)).',
      'A name is looked up among the users of the target (see *NAMES OF USERS*): both ids, the groups, USER and LOGNAME, and with the files of the target HOME and SHELL, become those of that user. _user_*:*_group_ is *--setgid*=_group_ as well; with nothing behind the colon a number is looked up, too.',
      "Whenever ids change or a user namespace is entered, the program gets a new session keyring (session-keyring(7)): keys are in no namespace, and it would search the caller's.",
    ],
  },
  setgid: {
    group: 'credentials',
    value: 'group|follow',
    summary: 'set gid in entered namespace',
    details: [
      'Set the real, effective and saved group id to _group_, a number as the entered user namespace counts or the name of a group of the target (see *NAMES OF USERS*), and drop the supplementary groups unless a user is named. With *follow* it is the group of the target as seen from inside, which is root for a target that is not dumpable (proc(5)).',
      "Whenever ids change or a user namespace is entered, the program gets a new session keyring (session-keyring(7)): keys are in no namespace, and it would search the caller's.",
    ],
  },
  'failure-status': {
    group: 'execution',
    value: 'status',
    summary: 'end with this status instead of 1 where tsenter itself fails',
    details: [
      'End with _status_, 1 to 255, instead of 1 where *tsenter* itself fails, because many programs end with 1 as well. With 125 statuses are those of env(1), timeout(1) and docker(1): 126 and 127 stay what they are (see *EXIT STATUS*), and with 126 or 127 nothing tells these apart any more.',
      'It counts from where it stands: of an option that cannot be understood before it the status is 1.',
    ],
  },
  groups: {
    group: 'credentials',
    value: 'list',
    summary: 'set the supplementary groups',
    details: [
      'Set the supplementary groups to those of _list_, separated by commas: numbers as the entered user namespace counts, and names of groups of the target (see *NAMES OF USERS*). With *follow* they are those of the target, with *none* there are none, and with *keep* they stay those of the caller. Otherwise they are those of a user who is named, and else dropped where an id is set.',
    ],
  },
  'preserve-credentials': {
    group: 'credentials',
    summary: 'do not touch uids or gids',
    details: [
      'With *--user*, leave the user id, the group id and the supplementary groups as they are. Needed to enter a user namespace that has no id 0, or in which setgroups(2) is denied.',
    ],
  },
  'keep-caps': {
    group: 'credentials',
    summary: 'retain capabilities granted in user namespaces',
    details: [
      'With *--user*, make every permitted capability inheritable and ambient, so that the program keeps them although its user id is not 0 (capabilities(7)).',
    ],
  },
  root: {
    group: 'surroundings',
    value: 'dir',
    summary: 'set the root directory',
    details: [
      "Change the root directory to that of the target, or to _dir_, which is opened before any namespace is entered. The working directory becomes the new root's */*, unless *--wd* or *--wdns* names another.",
    ],
  },
  wd: {
    group: 'surroundings',
    value: 'dir',
    summary: 'set the working directory',
    details: [
      'Change the working directory to that of the target, or to _dir_, which is opened before any namespace is entered: a tunnel to a directory that may not exist inside.',
    ],
  },
  wdns: {
    group: 'surroundings',
    value: 'dir',
    summary: 'set the working directory in namespace',
    details: [
      'Change the working directory to _dir_ as it is found after the namespaces and the root were entered. Without _dir_ it is that of the target.',
      'Where a mount namespace or a root is entered, magic links of /proc are not followed there (proc(5)), and neither this directory nor that of the target may be outside of the root: *--wd* with a _dir_ of the caller is the way to have that.',
    ],
  },
  env: {
    group: 'surroundings',
    summary: 'take the environment of the target process',
    details: [
      'Execute the program with the environment that the target was started with instead of that of the caller. What is not of the form NAME=VALUE is left out; of two values for a name the first counts. Where standard input or standard output is a terminal, TERM and COLORTERM stay those of the caller, if it has them: they tell of that terminal.',
      'Where only who is in the user namespace that is going to be entered may read it, because the target is another user than the caller there, it is read by a process that enters that first.',
    ],
  },
  'no-fork': {
    group: 'execution',
    summary: "do not fork before exec'ing <program>",
    details: [
      'Execute the program in the process that the caller started. After *--pid* it then stays in its old PID namespace and only its children are in the entered one (see *PID NAMESPACES AND THE FORK*).',
    ],
  },
  pty: {
    group: 'terminal',
    summary: 'give the program a pseudo-terminal of its own',
    details: [
      "Execute the program in a session of its own on a private pseudo-terminal, with whatever the caller's streams are. It is opened in the devpts that is mounted inside if a mount namespace or a root is entered and has one, so that *tty* and job control work as on a console; else it is one of the host's.",
      "*tsenter* waits and relays: the caller's terminal is raw meanwhile, its size is handed on, its end is a hang-up inside, and the end of an input that is no terminal is an end of file. Such an input is as if it were typed: control characters act, such as ^C and ^D, until the program takes them as they are, and lines may have any length; where the terminal inside has no end-of-file character (*stty eof undef*), the end is told when there is one, and a line ends with its 4095th byte; data are better passed without *--pty*. Output that cannot be written ends the program by a hang-up and *tsenter* with status 1, or by SIGPIPE where nobody reads any more. Standard output and standard error become one. What runs inside cannot reach the caller's terminal, for instance with TIOCSTI (see *TERMINALS AND JOB CONTROL*): nor does any other descriptor pass that is a terminal.",
    ],
  },
  'no-pty': {
    group: 'terminal',
    summary: "use the caller's terminal; this is the default",
    details: [
      "Leave the program on the caller's terminal and streams. Of *--pty* and *--no-pty* the last one counts.",
    ],
  },
  escape: {
    group: 'terminal',
    value: 'char',
    summary: 'with --pty: type it and . to get out; default ~',
    details: [
      "With *--pty*, what is typed behind this character at the beginning of a line is for *tsenter*: *~.* hangs up the terminal of the program and ends, also where the program is frozen or has not taken up to a megabyte that was typed before; *~^Z* stops *tsenter*, until *fg*; *~?* lists these; *~~* is the character itself. Anything else goes to the program together with the character. It is the only way to *tsenter* while the terminal is raw: Ctrl-C and all other keys are the program's.",
      '_char_ is one ASCII character; *^]* is Ctrl-], and *none* leaves every key to the program. It is none of those that may stand behind it: ., ? and ^Z. Inside of ssh, which has the same character, it is typed twice.',
    ],
  },
  'kill-child': {
    group: 'waiting',
    value: 'signal',
    summary: 'signal the program when tsenter dies; on by default, with KILL',
    details: [
      'When *tsenter* waits for the program and dies, whatever the cause, send the program _signal_, a name or a number: by default SIGKILL. Without a fork there is nobody to wait for: the program is the process that the caller started. See *THE WAITING PARENT* for the limits.',
    ],
  },
  'no-kill-child': {
    group: 'waiting',
    summary: 'let the program go on when tsenter dies',
    details: [
      'Let the program outlive *tsenter*. Together with *--no-forward-signals* this is what nsenter does. Of *--kill-child* and *--no-kill-child* the last one counts.',
    ],
  },
  'no-forward-signals': {
    group: 'waiting',
    summary: 'keep signals from the program',
    details: [
      'Let the signals that the waiting *tsenter* gets act on *tsenter*, instead of handing them on to the program.',
    ],
  },
  'join-cgroup': {
    group: 'surroundings',
    summary: 'join the cgroup of the target process',
    details: [
      'Move the program into the cgroup of the target, in every hierarchy, version 1 and version 2: it is limited, counted and killed together with the target. A target in a frozen cgroup is refused. Who is not root needs write permission for the cgroup.procs file of the cgroup, and in version 2 for that of the closest one above both, too (cgroups(7)).',
    ],
  },
  'follow-context': {
    group: 'surroundings',
    summary: 'set SELinux context according to --target PID',
    details: [
      'Execute the program in the SELinux context of the target. Where the kernel runs without SELinux, or selinuxfs is mounted read-only, as in containers, there is no context to follow and the option changes nothing, as in nsenter.',
    ],
  },
  caps: {
    group: 'confinement',
    value: 'caps',
    summary: 'set the capabilities of the program',
    details: [
      'Set the capabilities of the program, in every set (capabilities(7)): _caps_ has names such as *net_raw* or *cap_net_raw*, separated by commas. Names alone are all that it gets; *+*_name_ adds one to, *-*_name_ takes one from, what it would have, and *=* in front of the first takes everything away before. *none* and *all* say so.',
      'They are in the bounding set, so that nothing the program executes gets others. Where it is not root inside, those that are added are ambient as well, so that it has them at all. What the caller has not cannot be given. To take from the bounding set takes CAP_SETPCAP; without it *--no-new-privs* does as well.',
    ],
  },
  'no-new-privs': {
    group: 'confinement',
    summary: 'nothing that the program executes gives it more',
    details: [
      'Set no_new_privs (PR_SET_NO_NEW_PRIVS(2const)): set-id bits and file capabilities give the program nothing.',
    ],
  },
  umask: {
    group: 'surroundings',
    value: 'mask',
    summary: 'set the file mode creation mask',
    details: [
      "Set the file mode creation mask (umask(2)) to the octal number _mask_. Otherwise it is the caller's.",
    ],
  },
  'new-session': {
    group: 'terminal',
    summary: 'execute the program in a session of its own',
    details: [
      "Execute the program as the leader of a session of its own (setsid(2)), without a controlling terminal: a signal to its process group does not reach the caller, and without CAP_SYS_ADMIN in the first user namespace it cannot type into the caller's terminal. *tsenter* forks for it and waits. *--pty* has it, with a terminal.",
      'On a terminal Ctrl-C and Ctrl-\\ are handed on to the program; Ctrl-Z does nothing, for the kernel stops no session of its own by a key, and in the background the program still gets what is typed.',
    ],
  },
  setenv: {
    group: 'surroundings',
    value: 'variable',
    summary: 'set a variable of the environment',
    details: [
      'Set a variable of the environment that the program is executed with: _variable_ is _NAME_*=*_VALUE_, or _NAME_ alone for the value that the caller has; where the caller has none, nor has the program.',
      "It changes the environment that the program would have: the target's with *--env* and *--as-target*, else the caller's. *--setenv*, *--unsetenv*, *--clear-env* and *--env-file* count in the order of the command line, each time that they are given, and PATH and SHELL as they are then tell where the program and the shell are found.",
    ],
  },
  unsetenv: {
    group: 'surroundings',
    value: 'name',
    summary: 'take a variable out of the environment',
    details: ['Take a variable out of the environment that the program is executed with.'],
  },
  'clear-env': {
    group: 'surroundings',
    summary: 'start with an empty environment',
    details: [
      'Execute the program with no variables but those that the options behind this one set: *--clear-env --setenv TERM --setenv PATH=/bin*. What *--setuid* sets with a name stays, wherever that stands. Without PATH a program is looked for in /bin and /usr/bin.',
    ],
  },
  'env-file': {
    group: 'surroundings',
    value: 'file',
    summary: 'set the variables that a file has',
    details: [
      "Set the variables that _file_ has, one a line, in docker's form: _NAME_*=*_VALUE_, where what is behind the first *=* is the value as it stands, quotes and blanks at the end included; _NAME_ alone for the value that the caller has, if it has one. Blanks before a name, empty lines, and lines that begin with *#* do not count.",
      "It is opened and read before anything is entered, in the caller's namespaces. Standard input is */dev/stdin*.",
    ],
  },
  'close-fds': {
    group: 'surroundings',
    summary: 'keep all descriptors above 2 from the program',
    details: [
      "Keep the caller's descriptors above 2 from the program. Otherwise it gets them, as from nsenter: a shell's redirections to others than the standard streams are for it.",
    ],
  },
  'preserve-fds': {
    group: 'surroundings',
    value: 'count',
    summary: 'give the program this many descriptors from 3 on',
    details: [
      "Give the program the caller's descriptors from 3 on, up to _count_ of them, and keep all others above 2 from it, as runc(8) and docker(1) mean it.",
    ],
  },
  'as-target': {
    group: 'confinement',
    value: 'aspects',
    summary: 'execute the program as the engine of the target would',
    details: [
      "Execute the program as whoever started the target would: with its namespaces, root, working directory, environment, ids, groups, capabilities, no_new_privs, security label, cgroup, limits, scheduling and umask, with a keyring and a session of its own and without the caller's descriptors above 2 (see *AS THE TARGET*). Where all three standard streams are terminals that is *--pty* as well.",
      '_aspects_ is a list, separated by commas: names alone are taken and nothing else, *-*_name_ leaves one out, *+*_name_ adds one. What cannot be taken is said, and with *strict* among them an error, before anything is entered. What another option says counts before what the target has.',
    ],
  },
  unsealed: {
    group: 'surroundings',
    summary: 'do not protect tsenter itself from the target',
    details: [
      'Enter as the executable file that was started. Otherwise, where the target says what is found at a path (with *--mount*, *--root* and *--all*), *tsenter* first goes on as an image of its file that nobody can write to: a program that is a script of `#!/proc/self/exe` would make the kernel execute that very file again, and whoever is inside could overwrite it on the host (CVE-2019-5736).',
      'The image is a read-only mount of the file (Linux 5.12, and CAP_SYS_ADMIN), else, and under a seccomp filter, a sealed copy in memory, which the sysctl vm.memfd_noexec forbids to execute where it is 2 (Linux 6.3). Where neither can be had, entering fails; this option is for such a system and for targets that are trusted.',
    ],
  },
  'host-root': {
    group: 'target',
    value: 'dir',
    summary: 'look for names below this root of the host',
    details: [
      'Look for the state files of container engines below _dir_, where a privileged container sees the root of the host, instead of in the own root. No link leads out of it. Processes are counted as in the own _/proc_, which has to be the one of the host. TSENTER_HOST_ROOT in the environment says the same.',
    ],
  },
  list: {
    group: 'information',
    value: 'format',
    summary: 'list what can be entered; the operands select',
    details: [
      'List the containers of all engines, with what of each differs from the caller, instead of entering one. The operands are schemes or patterns of names (see *LISTING WHAT CAN BE ENTERED*).',
      '_format_ is *table* (the default), *json*, *ndjson*, *names*, *pids* or *namespaces*. Of other options only *--host-root* goes with it.',
    ],
  },
  explain: {
    group: 'information',
    value: 'json|steps',
    summary: 'show whether and how it would be entered',
    details: [
      'Enter nothing, and show what would be: the target, each of its namespaces beside that of the caller, with the user namespace that owns it and whether setns(2) will be allowed, ids, root, directory, cgroup, what else the program will have, the steps in order with a reason for each, and a verdict (see *EXPLANATIONS*). The status is 0 if entering should succeed, else 1.',
      'With *json* the same as JSON; with *steps* the words that the steps are executed by.',
    ],
  },
  completion: {
    group: 'information',
    value: 'shell',
    summary: 'print completion for bash, zsh or fish',
    details: [
      'Print the script by which _shell_, *bash*, *zsh* or *fish*, completes the command line of *tsenter*: options and their values, names of containers and processes among them, then the program with whatever the shell knows of it (see *COMPLETION*). Nothing is entered.',
    ],
  },
  help: {
    group: 'information',
    summary: 'display this help',
    details: ['Print the options and exit.'],
  },
  version: {
    group: 'information',
    summary: 'display version',
    details: [
      'Print the version, the commit that it was built from and its date, the host that the program runs on, which of the kernel features that *tsenter* uses were found, which this kernel is too old for, and on which kernels it was tried, and exit.',
    ],
  },
};
