/** What the table does not have, because nsenter does otherwise: every status, every signal, the end of tsenter itself, cgroups. */
import { constants } from 'node:os';
import { type Row, row } from '../conformance/row.ts';
import { rows as table } from '../conformance/rows.ts';
import { type Outcome, type RunOptions, signalName } from '../support/command.ts';
import { parseProbe } from '../support/probe.ts';
import type { TargetOptions } from '../support/targets.ts';

/** Without a terminal a program that stops stays so, with tsenter (the man page has it): the table has rows for stops. */
const stops = ['SIGSTOP', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'];

/** Signals that the table has no row of: more rows. */
export const signalRows: readonly Row[] = Array.from({ length: 64 }, (_, index) => index + 1)
  .filter((signal) => !stops.includes(signalName(signal)))
  .map((signal) => row(`killed by ${signal}: forked`, 'shared', `-t {pid} -p {probe} kill ${signal}`))
  .filter(({ name }) => !table.some((one) => one.name === name));

export type CheckKind = 'status' | 'signal' | 'kill' | 'cgroup';

export interface Check {
  readonly kind: CheckKind;
  readonly name: string;
  /** Of the conformance table, or of `checkTargets`. */
  readonly target: string;
  /** Behind the name of the command, or, with `shell`, something that a shell does. */
  readonly argv: readonly string[];
  readonly shell?: true;
  readonly around: RunOptions;
  readonly expected: Partial<Pick<Outcome, 'status' | 'signal' | 'orphans'>> & { readonly cgroup?: string };
}

/** One of its own, because it is moved. */
export const checkTargets = { moved: { namespaces: ['mount', 'pid'] } } as const satisfies Record<
  string,
  TargetOptions
>;

const shared = { target: 'shared', around: {} } as const;
const waiting = ['-t', '{pid}', '-p', '{probe}', 'sleep'];

const statuses = Array.from(
  { length: 256 },
  (_, status): Check => ({
    ...shared,
    kind: 'status',
    name: `exits with ${status}`,
    argv: ['-t', '{pid}', '-p', '{probe}', 'exit', String(status)],
    expected: { status, signal: null, orphans: 0 },
  }),
);

/** Of the others a program does not die. */
const harmless = ['SIGCHLD', 'SIGCONT', 'SIGURG', 'SIGWINCH'];
const deadly = Object.entries(constants.signals)
  .filter(([name, number]) => signalName(number) === name && ![...harmless, ...stops].includes(name))
  .map(([name]) => name as NodeJS.Signals);

const signals = deadly.map(
  (signal): Check => ({
    ...shared,
    kind: signal === 'SIGKILL' ? 'kill' : 'signal',
    name: `${signal} for tsenter ends the program`,
    argv: waiting,
    around: { signalWhenReady: signal },
    expected: { status: null, signal, orphans: 0 },
  }),
);

const kills: readonly Check[] = [
  {
    ...shared,
    kind: 'kill',
    name: '--no-kill-child: the program is left',
    argv: ['--no-kill-child', ...waiting],
    around: { signalWhenReady: 'SIGKILL' },
    expected: { status: null, signal: 'SIGKILL', orphans: 1 },
  },
];

const cgroups: readonly Check[] = [
  {
    kind: 'cgroup',
    name: 'the target moves',
    target: 'moved',
    shell: true,
    argv: ['mkdir /sys/fs/cgroup/place && echo {pid} >/sys/fs/cgroup/place/cgroup.procs'],
    around: {},
    expected: { status: 0 },
  },
  ...['-c', '--join-cgroup', '-cm'].map(
    (option): Check => ({
      kind: 'cgroup',
      name: `${option} joins its cgroup`,
      target: 'moved',
      argv: ['-t', '{pid}', option, '-p', '{probe}'],
      around: {},
      expected: { status: 0, cgroup: '0::/place' },
    }),
  ),
  {
    kind: 'cgroup',
    name: 'without -c the cgroup stays',
    target: 'moved',
    argv: ['-t', '{pid}', '-p', '{probe}'],
    around: {},
    expected: { status: 0, cgroup: '0::/' },
  },
];

export const checks: readonly Check[] = [...statuses, ...signals, ...kills, ...cgroups];

/** What is not as expected. */
export function misses(expected: Check['expected'], outcome: Outcome): string[] {
  const seen = { ...outcome, cgroup: parseProbe(outcome.stdout)?.cgroup };
  return Object.entries(expected)
    .map(([field, value]) => [field, value, seen[field as keyof typeof expected]] as const)
    .filter(([, value, found]) => value !== found)
    .map(([field, value, found]) => `${field} is ${found}, not ${value} ${outcome.stderr}`);
}
