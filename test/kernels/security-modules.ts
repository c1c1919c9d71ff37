/**
 * Security modules that deny: each row is entered once, as it stands there, in a profile of AppArmor's or a domain of SELinux's, and
 * what is seen or said is compared. A row with `alike` is given to nsenter, too, which has to end alike.
 */
import { program } from '../support/programs.ts';
import { apparmorFiles, apparmorParameters, loadProfiles } from './apparmor.ts';
import { isAtLeast, type Kernel } from './kernels.ts';
import { boot } from './machine.ts';
import { guestNsenter, guestTsenter, makeRoot, type RootOptions, readOutput } from './root.ts';
import { addPolicy, loadPolicy, selinuxParameters } from './selinux.ts';

interface Row {
  readonly name: string;
  /** a profile, or the type of a context */
  readonly as?: string;
  /** words before the command */
  readonly under?: readonly string[];
  /** passed over on older kernels */
  readonly since?: readonly [number, number];
  /** another tsenter */
  readonly tool?: string;
  /** `{NAME}` is the number of a target */
  readonly words: readonly string[];
  readonly status: number;
  /** on stdout and on stderr */
  readonly told: RegExp;
  readonly alike?: true;
}

/** Where /proc is of the PID namespace that was entered. */
const context = ['cat', '/proc/self/attr/current'];
const inside = (target: string): readonly string[] => ['-t', `{${target}}`, '-m', '-p'];
const seen = (text: string): RegExp => new RegExp(`^${text.replace(/[()]/g, '\\$&')}[\\n\\0]*$`);
const failed = (message: string, hint: string): RegExp =>
  new RegExp(
    `^(?:started \\d+\\nexited \\d+\\norphans 0\\n)?tsenter: ${message}\\n${hint.replace(/[()]/g, '\\$&')}\\n$`,
  );

const apparmor: readonly Row[] = [
  {
    name: 'a confined caller',
    as: 'whole',
    words: inside('plain'),
    status: 0,
    told: seen('whole (enforce)'),
    alike: true,
  },
  { name: 'a confined target', words: inside('confined'), status: 0, told: seen('unconfined'), alike: true },
  {
    name: 'both',
    as: 'whole',
    words: inside('confined'),
    status: 0,
    told: seen('whole (enforce)'),
    alike: true,
  },
  {
    name: '-Z follows no profile',
    words: ['-Z', ...inside('confined')],
    status: 0,
    told: seen('unconfined'),
    alike: true,
  },
  ...[['--as-target=label'], ['--as-target'], ['--as-target', '--caps', 'none', '--no-new-privs']].map(
    (words): Row => ({
      name: `that of the target: ${words.join(' ')}`,
      words: [...words, ...inside('confined')],
      status: 0,
      told: seen('target (enforce)'),
    }),
  ),
  {
    name: 'that of the target, to who may not change his own',
    as: 'whole',
    words: ['--as-target=label', ...inside('confined')],
    status: 1,
    told: failed(
      'set AppArmor profile target: Permission denied',
      'AppArmor denies it to whole (enforce) (change_profile).',
    ),
  },
  {
    name: 'a profile that complains',
    as: 'complaining',
    words: inside('plain'),
    status: 0,
    told: seen('complaining (complain)'),
  },
  {
    name: 'a capability that the profile has not',
    as: 'noadmin',
    words: inside('plain'),
    status: 1,
    told: failed(
      'enter pid namespace of target \\d+: Operation not permitted',
      'The caller has CAP_SYS_ADMIN, which AppArmor denies to noadmin (enforce).',
    ),
    alike: true,
  },
  {
    name: 'another one',
    as: 'nochroot',
    words: ['--unsealed', '-t', '{plain}', '-m'],
    status: 1,
    told: failed(
      'enter mount namespace of target \\d+: Operation not permitted',
      'The caller has CAP_SYS_CHROOT, which AppArmor denies to nochroot (enforce).',
    ),
  },
  {
    name: 'one of chroot(2)',
    as: 'nochroot',
    words: ['-r/tmp'],
    status: 1,
    told: failed(
      'change root directory to /tmp: Operation not permitted',
      'The caller has CAP_SYS_CHROOT, which AppArmor denies to nochroot (enforce).',
    ),
  },
  {
    name: 'one of setuid(2)',
    as: 'noid',
    words: ['-t', '{plain}', '-u', '-S', '5'],
    status: 1,
    told: failed(
      'set user id 5: Operation not permitted',
      'The caller has CAP_SETUID, which AppArmor denies to noid (enforce).',
    ),
  },
  {
    name: 'nothing of a debugger',
    as: 'noptrace',
    words: inside('plain'),
    status: 1,
    told: failed(
      'open pid namespace of target \\d+: Permission denied',
      'The caller has CAP_SYS_PTRACE, and yet AppArmor denies it to noptrace (enforce): it takes ptrace (read), and in the profile of target \\d+ ptrace (readby).',
    ),
    alike: true,
  },
  {
    name: 'nothing of a debugger in the profile of the target',
    as: 'whole',
    words: inside('alone'),
    status: 1,
    told: failed(
      'open pid namespace of target \\d+: Permission denied',
      'The caller has CAP_SYS_PTRACE, and yet AppArmor denies it to whole (enforce): it takes ptrace (read), and in the profile of target \\d+ ptrace (readby).',
    ),
    alike: true,
  },
  {
    name: 'that target, for who is not confined',
    words: inside('alone'),
    status: 0,
    told: seen('unconfined'),
    alike: true,
  },
  {
    name: 'the program',
    as: 'noexec',
    words: inside('plain'),
    status: 126,
    told: failed(
      'execute cat: Permission denied',
      'The caller has every capability that this takes: AppArmor denies it to noexec (enforce).',
    ),
    alike: true,
  },
  {
    name: 'the program, with a filter besides',
    as: 'noexec',
    under: [program('filtered'), '1', 'madvise', '--'],
    words: inside('plain'),
    status: 126,
    told: failed(
      'execute cat: Permission denied',
      'The caller has every capability that this takes: a seccomp filter denies it, or AppArmor to noexec (enforce).',
    ),
  },
  {
    name: 'the environment',
    as: 'noread',
    words: ['-e', ...inside('plain')],
    status: 1,
    told: failed(
      'open environment of target \\d+: Permission denied',
      'The caller may debug target \\d+, and yet AppArmor denies it to noread (enforce): .*',
    ),
  },
  {
    name: 'files that have no path: namespaces',
    as: 'nopath',
    words: ['-t', '{plain}', '-u', '-i', '-p'],
    status: 0,
    told: seen('nopath (enforce)'),
  },
  {
    name: 'files that have no path: the executable',
    as: 'nopath',
    words: ['-m/run/kept/mnt'],
    status: 1,
    told: failed('seal this executable: Permission denied', 'AppArmor denies it to nopath (enforce): .*'),
  },
  {
    name: 'files that have no path: unsealed',
    as: 'nopath',
    words: ['--unsealed', '-m/run/kept/mnt', '-p/run/kept/pid'],
    status: 0,
    told: seen('nopath (enforce)'),
    alike: true,
  },
  {
    name: 'files that have no path: all namespaces',
    as: 'nopath',
    words: ['--unsealed', '-a', '-t', '{plain}'],
    status: 0,
    told: seen('nopath (enforce)'),
  },
  ...[['-a'], ['-m', '-p'], ['--pty', '-a'], ['-e', '-r', '-p'], ['-p', '-S', '5', '-G', '5']].map(
    (words): Row => ({
      name: `the profile of the manual: ${words.join(' ')}`,
      tool: '/usr/bin/tsenter',
      words: ['-t', '{plain}', ...words],
      status: 0,
      told: /^unconfined\r?\n$/,
    }),
  ),
  {
    name: 'Landlock, which tells nobody',
    since: [5, 13],
    under: [program('launch'), '1', 'landlock', '--'],
    words: ['-t', '{plain}', '-u'],
    status: 0,
    told: failed(
      'open uts namespace of target \\d+: Permission denied',
      'The caller has CAP_SYS_PTRACE, and yet a security module denies it.',
    ),
  },
  {
    name: 'the profile of the manual: it is attached',
    tool: '/usr/bin/tsenter',
    words: ['--explain=json', '-t', '{plain}', '-u'],
    status: 0,
    told: /"program": "tsenter \(enforce\)"/,
  },
  {
    name: '--explain: what it may still deny',
    as: 'nopath',
    words: ['--explain=json', '-t', '{plain}', '-u'],
    status: 0,
    told: /"cannotBeTold": \[\s+"whether the uts namespace may be entered, whose file may not be opened",\s+"whether AppArmor, in which the caller is nopath \(enforce\), allows it"\s+\]/,
  },
  {
    name: '--explain: a failure',
    as: 'noptrace',
    words: ['--explain=json', ...inside('plain')],
    status: 1,
    told: /"hint": "The caller has CAP_SYS_PTRACE, and yet AppArmor denies it to noptrace \(enforce\): /,
  },
  {
    name: '--explain: a profile that complains, and -Z',
    as: 'complaining',
    words: ['--explain=json', '-Z', '-t', '{confined}', '-u'],
    status: 0,
    told: /"cannotBeTold": \[\].*"program": "complaining \(complain\)",\s+"target": "target \(enforce\)"/s,
  },
];
const domain = (type: string): string => `unconfined_u:unconfined_r:${type}:s0`;

const selinux: readonly Row[] = [
  {
    name: 'the own context',
    words: inside('plain'),
    status: 0,
    told: seen(domain('unconfined_t')),
    alike: true,
  },
  {
    name: 'the own context, of a target in another',
    words: inside('other'),
    status: 0,
    told: seen(domain('unconfined_t')),
    alike: true,
  },
  {
    name: '-Z: that of the target',
    words: ['-Z', ...inside('other')],
    status: 0,
    told: seen(domain('inside_t')),
    alike: true,
  },
  {
    name: '--as-target: that of the target, among all else',
    words: ['--as-target', ...inside('other')],
    status: 0,
    told: seen(domain('inside_t')),
  },
  {
    name: '-Z: with categories',
    words: ['--follow-context', ...inside('categories')],
    status: 0,
    told: seen(`${domain('unconfined_t')}:c1,c2`),
    alike: true,
  },
  {
    name: '-Z: with --pty',
    words: ['--pty', '-Z', ...inside('other')],
    status: 0,
    told: seen(domain('inside_t')),
  },
  {
    name: '-Z: without files of the target',
    words: ['-Z', '-t', '{other}', '-p', '-u'],
    status: 0,
    told: seen(domain('inside_t')),
    alike: true,
  },
  {
    name: '-Z: one that the policy lets nobody go to',
    words: ['-Z', ...inside('system')],
    status: 126,
    told: failed(
      'execute cat: Permission denied',
      `SELinux denies it to ${domain('unconfined_t')}, or that it goes on as system_u:system_r:kernel_t:s0 by this file (transition, entrypoint, where it is mounted nosuid nosuid_transition).`,
    ),
    alike: true,
  },
  {
    name: '-Z: with no_new_privs',
    under: [program('launch'), '1', 'no_new_privs', 'env=PATH=/usr/bin', '--'],
    words: ['-Z', ...inside('other')],
    status: 0,
    told: failed(
      'execute cat: Operation not permitted',
      'no_new_privs is set, with which SELinux changes a context only where its policy says so (nnp_transition).',
    ),
  },
  {
    name: '-Z: not permitted',
    as: 'nosetexec_t',
    words: ['-Z', ...inside('other')],
    status: 1,
    told: failed(
      `set SELinux context ${domain('inside_t')}: Permission denied`,
      `SELinux denies it to ${domain('nosetexec_t')} (setexec).`,
    ),
    alike: true,
  },
  {
    name: 'a capability',
    as: 'noadmin_t',
    words: inside('plain'),
    status: 1,
    told: failed(
      'enter pid namespace of target \\d+: Operation not permitted',
      `The caller has every capability that this takes: SELinux denies it to ${domain('noadmin_t')}.`,
    ),
    alike: true,
  },
  {
    name: 'nothing of a debugger',
    as: 'noptrace_t',
    words: inside('plain'),
    status: 1,
    told: failed(
      'open pid namespace of target \\d+: Permission denied',
      `The caller has CAP_SYS_PTRACE, and yet SELinux denies it to ${domain('noptrace_t')}.`,
    ),
    alike: true,
  },
  {
    name: 'to execute without another domain',
    as: 'noexec_t',
    words: ['--unsealed', ...inside('plain')],
    status: 126,
    told: failed(
      'execute cat: Permission denied',
      `The caller has every capability that this takes: SELinux denies it to ${domain('noexec_t')}.`,
    ),
    alike: true,
  },
  {
    name: '--explain',
    words: ['--explain=json', '-Z', ...inside('other')],
    status: 0,
    told: /"cannotBeTold": \[\s+"whether SELinux lets the program change to the context of the target",\s+"whether SELinux, in which the caller is unconfined_u:unconfined_r:unconfined_t:s0, allows it"\s+\].*"program": "the context of the target",\s+"target": "unconfined_u:unconfined_r:inside_t:s0"/s,
  },
];

/** A target that is entered, once it says that it is there. */
const start = `
mkfifo /tmp/gate
exec 9<>/tmp/gate
start() {
	name=$1
	shift
	"$@" ${program('target')} ns=mount,uts,ipc,pid fork private proc=/proc <&9 >/tmp/$name 2>&1 &
	until [ -s /tmp/$name ]; do :; done
	eval "$name=\\$(sed 's/^ready //' /tmp/$name)"
}
run() {
	name=$1
	shift
	"$@" </dev/null >/output/$name.out 2>/output/$name.err
	echo $? >/output/$name.status
}
`;

const isNsenters = (word: string): boolean => word !== '--unsealed';

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replace(/\{(\w+)\}/g, `'"$$$1"'`)}'`).join(' ');

function script(rows: readonly Row[], as: (name: string) => readonly string[]): string {
  return rows
    .map(({ as: who, under = [], tool = guestTsenter, words, alike }, index) => {
      const line = (file: string, words: readonly string[], name: string): string =>
        `run ${name} ${quoted([...(who === undefined ? [] : as(who)), ...under, file, ...words, ...context])}\n`;
      return (
        line(tool, words, `${index}`) +
        (alike ? line(guestNsenter, words.filter(isNsenters), `${index}-nsenter`) : '')
      );
    })
    .join('');
}

interface Seen {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Denied {
  readonly kernel: Kernel;
  readonly milliseconds: number;
  /** That the kernel can have. */
  readonly rows: number;
  /** What was not as its row has it. */
  readonly wrong: readonly string[];
}

interface Guest {
  readonly append: string;
  readonly rows: readonly Row[];
  readonly policy?: Buffer;
}

async function enter(kernel: Kernel, guest: Guest, options: Omit<RootOptions, 'kernel'>): Promise<Denied> {
  using root = makeRoot({ kernel, ...options });
  if (guest.policy) addPolicy(root.directory, guest.policy);
  const run = await boot({ kernel, root: root.directory, append: guest.append });
  const files = readOutput(run);
  const text = (name: string): string => files.get(name)?.toString('latin1') ?? '';
  const complaints = `${text('status')}${text('errors')}`;
  if (complaints !== '0\n') throw new Error(`${kernel.version}: ${complaints}…${run.console.slice(-2000)}`);
  const seen = (name: string): Seen => ({
    status: Number(text(`${name}.status`) || 'NaN'),
    stdout: text(`${name}.out`),
    stderr: text(`${name}.err`),
  });
  return {
    kernel,
    milliseconds: run.milliseconds,
    rows: guest.rows.filter(({ since }) => isAtLeast(kernel, since)).length,
    wrong: guest.rows.flatMap((row, index) => (isAtLeast(kernel, row.since) ? wrong(row, index, seen) : [])),
  };
}

function wrong({ name, status, told, alike }: Row, index: number, of: (name: string) => Seen): string[] {
  const ours = of(`${index}`);
  const theirs = of(`${index}-nsenter`);
  const problems: string[] = [];
  if (ours.status !== status || !told.test(ours.stdout + ours.stderr)) problems.push(JSON.stringify(ours));
  if (alike && (theirs.status !== ours.status || theirs.stdout !== ours.stdout))
    problems.push(`nsenter ${JSON.stringify(theirs)}`);
  return problems.length > 0 ? [`${name}: ${problems.join(' ')}`] : [];
}

export async function tryApparmor(kernel: Kernel): Promise<Denied> {
  return enter(
    kernel,
    { append: apparmorParameters, rows: apparmor },
    {
      ...(await apparmorFiles()),
      script: `exec 2>/output/errors\n${loadProfiles}${start}
start plain
start confined aa-exec -p target --
start alone aa-exec -p alone --
mkdir /run/kept
mount -t tmpfs -o mode=755 tmpfs /run/kept
mount --make-private /run/kept
for type in mnt pid; do touch /run/kept/$type; mount -o bind /proc/$plain/ns/$type /run/kept/$type; done
${script(apparmor, (profile) => ['aa-exec', '-p', profile, '--'])}`,
    },
  );
}

/** The policy is makePolicy's. */
export function trySelinux(kernel: Kernel, policy: Buffer): Promise<Denied> {
  return enter(
    kernel,
    { append: selinuxParameters, rows: selinux, policy },
    {
      files: { '/usr/local/bin/runcon': '/usr/bin/runcon' },
      texts: {
        '/etc/guest/login': `exec 2>/output/errors\n${start}
start plain
start other runcon ${domain('inside_t')}
start categories runcon ${domain('unconfined_t')}:c1,c2
start system runcon system_u:system_r:kernel_t:s0
echo 1 >/sys/fs/selinux/enforce
${script(selinux, (type) => ['runcon', domain(type)])}`,
      },
      script: `${loadPolicy}mount -t tmpfs tmpfs /output
runcon ${domain('unconfined_t')} sh /etc/guest/login`,
    },
  );
}
