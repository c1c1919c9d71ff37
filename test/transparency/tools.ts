/** The columns of the table: each tool, and a container that it enters. */
import { spawnSync } from 'node:child_process';
import { Container } from '../engines/container.ts';
import { nsenter, tsenter } from '../support/command.ts';
import type { Io, Way } from '../support/inside.ts';
import { startTarget, type Target } from '../support/targets.ts';

export interface Place extends Way, AsyncDisposable {
  /** The container's first process. */
  readonly pid: number;
  /** The same for a tool that is the first process of a PID namespace, and where the root is then. */
  asFirst(program: readonly string[]): string[];
  readonly firstRoot: string;
}

export interface Tool {
  readonly name: string;
  /** What there is, as the tool says itself. */
  readonly version: string;
  /** Why it cannot be observed here. */
  missing(): string | undefined;
  open(): Promise<Place>;
}

const unshare = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** It enters a target of our own: namespaces of its own, a small root with pseudo-terminals. */
function entering(name: string, command: string, options: readonly string[] = []): Tool {
  return {
    name,
    version: firstLine(command, '--version'),
    missing: () => {
      const { status, error, stderr } = spawnSync(command, [...options, '--help'], { encoding: 'utf8' });
      return status === 0 ? undefined : (error?.message ?? stderr.split('\n')[0]);
    },
    open: async () => {
      const target = await startTarget({
        namespaces: ['mount', 'pid', 'uts'],
        root: 'pivot',
        terminals: true,
      });
      return placeOf(target, command, options);
    },
  };
}

function placeOf(target: Target, command: string, options: readonly string[]): Place {
  return {
    pid: target.pid,
    root: `/proc/${target.pid}/root`,
    words: (program) => [command, ...options, '-t', String(target.pid), '-m', '-p', ...program],
    firstRoot: '',
    // A namespace from outside cannot be entered there: its own one, by its name, is a fork as well.
    asFirst: (program) => [...unshare, command, ...options, '-t', '1', '-p', ...program],
    [Symbol.asyncDispose]: () => target.stop(),
  };
}

function engine(name: string, kind: string, command: string, options: (io: Io) => readonly string[]): Tool {
  return {
    name,
    version: `${command}: ${firstLine(command, '--version')}`,
    missing: () => {
      const missing = Container.missing(kind);
      return missing.length === 0 ? undefined : `not installed: ${missing.join(' ')}`;
    },
    open: async () => {
      const container = new Container(kind);
      const words = (program: readonly string[], io: Io): string[] => [
        ...container.attach(options(io)),
        ...program,
      ];
      return {
        pid: container.pid,
        root: `/proc/${container.pid}/root`,
        words,
        firstRoot: `/proc/${container.pid}/root`,
        asFirst: (program) => [...unshare, ...words(program, 'pipe')],
        [Symbol.asyncDispose]: async () => container.down(),
      };
    },
  };
}

function firstLine(command: string, ...words: readonly string[]): string {
  return spawnSync(command, words, { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
}

export const tools: readonly Tool[] = [
  entering('nsenter', nsenter),
  engine('docker exec', 'docker', 'docker', (io) => (io === 'terminal' ? ['-it'] : ['-i'])),
  engine('lxc-attach', 'lxc', 'lxc-attach', () => []),
  entering('tsenter', tsenter),
  entering('tsenter --pty', tsenter, ['--pty']),
];
