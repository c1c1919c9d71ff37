/** What is attacked: the ways into a container, and private copies of them that may be overwritten. */
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { isExecutable, nsenter, tsenter } from '../../support/command.ts';
import { repository } from '../../support/programs.ts';
import { NotApplicable } from './not-applicable.ts';
import { type AttackTarget, engineIds, type Kind } from './targets.ts';

/** How the target is entered. */
export interface Way {
  /** nsenter's words; by default all namespaces. */
  readonly words?: readonly string[];
  readonly uid?: number;
  readonly pty?: boolean;
  /** The working directory inside. */
  readonly directory?: string;
}

interface Copy {
  readonly tool: Tool;
  /** The executables that must stay as they are. */
  readonly files: readonly string[];
}

export interface Tool {
  readonly name: string;
  /** What it says itself. */
  readonly version: string;
  readonly isTsenter: boolean;
  /** Why it cannot be attacked on this machine. */
  missing(): string | undefined;
  /** The targets that it can enter, for the table. */
  readonly kinds: readonly Kind[];
  /** Throws NotApplicable where it has no such way. */
  words(target: AttackTarget, way: Way, program: readonly string[]): string[];
  /** Everything of it that has to be there, in a directory; what is executable ends in `mark`. */
  copy(directory: string, mark: string): Copy;
}

function classic(name: string, command: string, options: readonly string[], isTsenter: boolean): Tool {
  return {
    name,
    version: firstLine(command),
    isTsenter,
    kinds: ['runc', 'priv', 'shared', 'uns', 'ido', 'rootless'],
    missing: () => missing(command),
    words: (target, { words = ['-a'], uid, pty = false, directory }, program) => {
      if (pty && !isTsenter) throw new NotApplicable('it has no --pty');
      // An ordinary user may drop no groups.
      const own = target.kind === 'rootless' ? ['--preserve-credentials'] : [];
      const ids = uid === undefined ? own : ['-S', String(uid), '-G', String(uid)];
      const inside = [...(directory === undefined ? [] : [`-W${directory}`]), ...(pty ? ['--pty'] : [])];
      return [command, ...options, '-t', String(target.pid), ...words, ...ids, ...inside, ...program];
    },
    copy: (directory, mark) => {
      const files = isTsenter
        ? copyTsenter(command, directory)
        : [copyFile(command, `${directory}/${basename(command)}`)];
      for (const file of files) appendFileSync(file, mark);
      return { tool: classic(name, files[0] ?? '', options, isTsenter), files };
    },
  };
}

function engine(kind: 'runc' | 'lxc', command: string, name: string, terminal: readonly string[]): Tool {
  return {
    name,
    version: `${basename(command)}: ${firstLine(command)}`,
    isTsenter: false,
    kinds: [kind],
    missing: () => missing(command),
    words: ({ attach }, { words, uid, pty, directory }, program) => {
      if (attach === undefined) throw new NotApplicable('it enters its own containers only');
      if (words !== undefined) throw new NotApplicable('it has no such option');
      if (directory !== undefined && kind !== 'runc') throw new NotApplicable('it has no such option');
      const inside = directory === undefined ? [] : ['--cwd', directory];
      const [, ...rest] = attach([...engineIds(kind, uid), ...inside, ...(pty ? terminal : [])]);
      return [command, ...rest, ...program];
    },
    copy: (directory, mark) => {
      const file = copyFile(command, `${directory}/${basename(command)}`);
      appendFileSync(file, mark);
      return { tool: engine(kind, file, name, terminal), files: [file] };
    },
  };
}

function copyFile(from: string, to: string): string {
  cpSync(realpathSync(from), to);
  chmodSync(to, 0o755);
  return to;
}

/** The first is the command. */
function copyTsenter(command: string, directory: string): string[] {
  const dist = dirname(dirname(realpathSync(command)));
  if (!existsSync(`${dirname(realpathSync(command))}/tsenter.cjs`))
    return [copyFile(command, `${directory}/tsenter`)];
  for (const part of ['node', 'helper'])
    cpSync(`${dist}/${part}`, `${directory}/dist/${part}`, { recursive: true });
  for (const name of ['koffi', '@koromix']) {
    mkdirSync(`${directory}/node_modules`, { recursive: true });
    cpSync(`${repository}/node_modules/${name}`, `${directory}/node_modules/${name}`, { recursive: true });
  }
  cpSync(`${repository}/package.json`, `${directory}/package.json`);
  return ['node', 'helper'].flatMap((part) =>
    readdirSync(`${directory}/dist/${part}`)
      .map((file) => `${directory}/dist/${part}/${file}`)
      .filter((file) => lstatSync(file).isFile() && (lstatSync(file).mode & 0o111) !== 0),
  );
}

function missing(command: string): string | undefined {
  return isExecutable(command) ? undefined : `not installed: ${command}`;
}

function firstLine(command: string): string {
  return spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
}

export const nsenterTool: Tool = classic('nsenter', nsenter, [], false);
export const tsenterTool: Tool = classic('tsenter', tsenter, [], true);
export const runcTool: Tool = engine('runc', '/usr/sbin/runc', 'runc exec', ['-t']);
export const lxcTool: Tool = engine('lxc', '/usr/bin/lxc-attach', 'lxc-attach', []);

/** As the engine of the target would; it leaves out what the caller is, where nsenter's words would not. */
export const asTargetTool: Tool = classic('tsenter --as-target', tsenter, ['--as-target=+seccomp'], true);

/** tsenter without its seal. */
export const unsealedTool: Tool = classic('tsenter --unsealed', tsenter, ['--unsealed'], true);
