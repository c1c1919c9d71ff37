/** What a program can be started in, and the words of test/programs/launch.c for it. */
import { dirname } from 'node:path';
import type { NamespaceName } from './targets.ts';

export interface OpenFile {
  readonly fd: number;
  readonly mode: 'r' | 'w' | 'rw' | 'path' | 'directory';
  readonly path: string;
}

/**
 * The surroundings of one command. Texts that reach the program (variables, argv0) are percent-decoded:
 * `%FF` is the byte 255, which no string of Node can be.
 */
export interface Surroundings {
  /** Replaces the default variables. */
  readonly env?: Readonly<Record<string, string>>;
  readonly argv0?: string;
  readonly cwd?: string;
  readonly chroot?: string;
  readonly umask?: string;
  /** Soft limit of open descriptors. */
  readonly nofile?: number;
  readonly nice?: number;
  /** Numbers of signals. */
  readonly ignore?: readonly number[];
  readonly block?: readonly number[];
  readonly open?: readonly OpenFile[];
  /** Descriptors to close, 0, 1 and 2 included. */
  readonly close?: readonly number[];
  /** The descriptor of which `Outcome.report` is the other end. */
  readonly report?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
  /** Numbers of capabilities to leave out of every set. */
  readonly drop?: readonly number[];
  readonly noNewPrivs?: boolean;
  readonly unshare?: readonly NamespaceName[];
  readonly pid1?: boolean;
  /** A controlling terminal (not as stdio), the command in its foreground. */
  readonly tty?: boolean;
}

/** The launcher's end of the report socket, before it is moved. */
const reportDescriptor = 4;

/** A directory of the host that the private root of a target does not have. */
export const defaultCwd = '/usr/lib';

export const defaultEnv: Readonly<Record<string, string>> = {
  PATH: `/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${dirname(process.execPath)}`,
  HOME: '/root',
  MARK: 'outside',
};

const modes = { r: 'r', w: 'w', rw: 'rw', path: 'p', directory: 'd' } as const;

/** Protect what is meant literally from percent-decoding. */
export function literal(text: string): string {
  return text.split('%').join('%25');
}

function list(name: string, values: readonly (number | string)[] | undefined): string[] {
  return values === undefined ? [] : [`${name}=${values.join(',')}`];
}

function one(name: string, value: number | string | undefined): string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}

function flag(name: string, value: boolean | undefined): string[] {
  return value === true ? [name] : [];
}

function reportWords(fd: number | undefined): string[] {
  if (fd === undefined || fd === reportDescriptor) return [];
  return [`dup=${reportDescriptor}:${fd}`, `close=${reportDescriptor}`];
}

/** In an order in which each word still has the rights that it needs; descriptors 0 to 2 close last. */
export function launchWords(around: Surroundings): string[] {
  const env = Object.entries(around.env ?? defaultEnv).map(([name, value]) => `env=${name}=${value}`);
  return [
    ...env,
    ...one('argv0', around.argv0),
    ...flag('tty', around.tty),
    ...flag('pid1', around.pid1),
    ...list('unshare', around.unshare),
    ...one('umask', around.umask),
    ...one('nice', around.nice),
    ...list('ignore', around.ignore),
    ...list('block', around.block),
    ...reportWords(around.report),
    ...(around.open ?? []).map(({ fd, mode, path }) => `open=${fd}:${modes[mode]}:${path}`),
    ...one('chroot', around.chroot),
    ...one('cwd', around.cwd ?? defaultCwd),
    ...one('nofile', around.nofile),
    ...list('drop', around.drop),
    ...list('groups', around.groups ?? (around.gid === undefined ? undefined : [])),
    ...one('gid', around.gid),
    ...one('uid', around.uid),
    ...flag('no_new_privs', around.noNewPrivs),
    ...(around.close ?? []).map((fd) => `close=${fd}`),
  ];
}
