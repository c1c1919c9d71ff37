import { spawnSync } from 'node:child_process';

/** What a program is, by file and field: what a shell sees of itself in /proc. */
export type Look = ReadonlyMap<string, string>;

/** Of busybox: `$$` is the shell that the tool has executed, whose children read. */
const SCRIPT = `
p=/proc/$$
show() { echo "== $1"; shift; "$@" 2>&1; }
show status cat $p/status
show limits cat $p/limits
show cgroup cat $p/cgroup
show environ sh -c 'tr "\\0" "\\n" <'$p/environ
show attr cat $p/attr/current
show keyring /tmp/insider session-keyring
show mountinfo cat $p/mountinfo
show stat cat $p/stat
show fd ls -l $p/fd
show oom_score_adj cat $p/oom_score_adj
show root ls -ld $p/root
show cwd ls -ld $p/cwd
show ns ls -l $p/ns
show timerslack_ns cat $p/timerslack_ns
show personality cat $p/personality
show coredump_filter cat $p/coredump_filter
show loginuid cat $p/loginuid
show ioprio ionice -p $$
show tty tty
:
`;

/**
 * @param words a tool and its options; what it executes is added
 * @throws where the tool fails
 */
export function lookThrough(words: readonly string[]): Look {
  const [tool = '', ...rest] = words;
  const { status, stdout, stderr } = spawnSync(tool, [...rest, '/bin/sh', '-c', SCRIPT], {
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`${words.join(' ')}: status ${status}\n${stderr}`);
  const look = new Map<string, string>();
  for (const section of stdout.split('== ').slice(1)) {
    const [file = '', ...lines] = section.trimEnd().split('\n');
    for (const [field, value] of fieldsOf(file, lines)) look.set(field, value);
  }
  return look;
}

function fieldsOf(file: string, lines: readonly string[]): [field: string, value: string][] {
  switch (file) {
    case 'status':
      return lines.map((line) => pair(file, line, ':')).filter(([field]) => !CHANCE.test(field));
    case 'limits':
      return lines.slice(1).map((line) => [`limits ${line.slice(4, 26).trim()}`, words(line.slice(26))]);
    case 'environ':
      return lines.map((line) => pair(file, line, '='));
    case 'cgroup':
      return lines.map((line) => {
        const [, controllers = '', ...path] = line.split(':');
        return [`cgroup ${controllers || 'version 2'}`, path.join(':')];
      });
    // `keyring;UID;GID;PERMISSIONS;DESCRIPTION` (keyctl_describe(3)).
    case 'keyring':
      return [['session keyring', lines.join('')]];
    case 'stat':
      return sessionAndScheduling(lines[0] ?? '');
    case 'fd':
      return [
        [
          file,
          lines
            .slice(1)
            .map(descriptor)
            .filter((line) => line !== '')
            .sort()
            .join(', '),
        ],
      ];
    case 'ns':
      return lines
        .slice(1)
        .map((line) => pair(file, line.slice(line.lastIndexOf(' ', line.indexOf(' -> ') - 1) + 1), ' -> '));
    case 'root':
    case 'cwd':
      return [[file, lines.join('').split(' -> ')[1] ?? lines.join('')]];
    default:
      return [[file, lines.join('\n')]];
  }
}

/** Numbers of processes, sizes and counts: of no two processes the same. */
const CHANCE =
  /^status (Vm|Rss|Pid|Tgid|Ngid|PPid|TracerPid|NS|HugetlbPages|CoreDumping|voluntary|nonvoluntary|Name|State|SigQ|FDSize|x86)/;

function pair(file: string, line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return [`${file} ${line.slice(0, at)}`, words(line.slice(at + separator.length))];
}

function words(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

/** proc_pid_stat(5), the fields behind the name. */
function sessionAndScheduling(line: string): [string, string][] {
  const pid = line.split(' ')[0];
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => fields[number - 3] ?? '';
  return [
    ['session: leads its group', String(field(5) === pid)],
    ['session: leads its session', String(field(6) === pid)],
    ['session: has a terminal', String(field(7) !== '0')],
    ['scheduling: nice', field(19)],
    ['scheduling: priority', field(40)],
    ['scheduling: policy', field(41)],
  ];
}

/** Which number leads to what kind of thing; the one by which the shell looks at itself is none. */
function descriptor(line: string): string {
  const [, number = '', target = ''] = /(\d+) -> (.*)$/.exec(line) ?? [];
  if (number === '') return '';
  return `${number} ${target.replace(/\d+/g, 'N').replace(/^(pipe|socket):.*/, 'a pipe')}`;
}
