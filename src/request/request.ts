import type { NamespaceName } from '../sys/namespaces.ts';
import type { Controls } from './controls.ts';

/** Where a namespace that was asked for is found. */
export type NamespaceSource =
  | { from: 'target' }
  /** a path; `ofHost`: below --host-root */
  | { from: 'file'; path: string; ofHost?: { root: string | undefined } }
  /** the kernel's 64-bit number of the namespace, in decimal */
  | { from: 'nsid'; id: string };

export interface TargetNumber {
  pid: number;
  /** the inode of a pidfd of the process, in decimal */
  inode?: string;
}

/** A container, or what else has a name, and the engine that has it; without a scheme it may be any. */
export interface TargetName {
  scheme?: string;
  name: string;
}

/** `follow`: the owner of the target as seen from inside. */
export type Id = number | 'follow';

export type Program =
  /** the command line's words from this index on; their bytes never pass through the core */
  | { kind: 'operands'; first: number }
  | { kind: 'words'; words: readonly string[] }
  /** a login shell: the first of the usual ones that exists inside */
  | { kind: 'shell' };

/** What the user asked for, checked as far as that is possible without looking at any process. */
export interface Request {
  target: TargetNumber | TargetName | undefined;
  /** where the root of the system is seen whose state files tell of containers; undefined: it is this one */
  hostRoot: string | undefined;
  all: boolean;
  namespaces: Partial<Record<NamespaceName, NamespaceSource>>;
  /** a descriptor number of the target */
  netSocket: number | undefined;
  userParent: boolean;
  root: { from: 'target' } | { from: 'caller'; path: string } | undefined;
  workingDirectory: { from: 'target' } | { from: 'caller' | 'inside'; path: string } | undefined;
  uid: Id | undefined;
  gid: Id | undefined;
  preserveCredentials: boolean;
  keepCapabilities: boolean;
  targetEnvironment: boolean;
  joinCgroup: boolean;
  followContext: boolean;
  fork: boolean;
  /** the program gets a pseudo-terminal of its own, which the waiting parent relays */
  pty: boolean;
  /** with it, the character that what is typed for the waiting parent begins with, at the beginning of a line; undefined: none */
  escape: number | undefined;
  /** the signal that the program gets when the waiting parent dies; undefined: none */
  killChild: number | undefined;
  /** the waiting parent hands on the signals that it gets */
  forwardSignals: boolean;
  /** the executable may be overwritten by whoever is inside */
  unsealed: boolean;
  /** what the program is to be beside, where something was said */
  controls?: Controls;
  /** of tsenter's own failures, where it is not 1 */
  failureStatus?: number;
  program: Program;
}
