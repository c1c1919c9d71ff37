/**
 * What the program is to be, beside what nsenter's options say. Each control by itself says what it is; without it, `asTarget` may say
 * that it is what the target is; else it stays as the caller has it.
 */
export interface Controls {
  asTarget: AsTarget | undefined;
  /** of the passwd(5) of the target: a name, or a number that is looked up there */
  user?: string | number;
  /** of its group(5) */
  group?: string;
  groups?: Groups;
  capabilities: readonly CapabilityEdit[] | undefined;
  noNewPrivileges: boolean;
  /** the permission bits that new files do not get (umask(2)) */
  umask: number | undefined;
  /** what is done to the environment that the program would have, in this order */
  environment: EnvironmentEdit[];
  /** the program leads a session of its own, without a terminal */
  newSession: boolean;
  /** of the caller's descriptors above 2 the program gets only so many, from 3 on; undefined: all */
  preservedDescriptors: number | undefined;
}

/** Numbers, and names of the target's group(5); `follow`: those of the target; `keep`: those of the caller. */
export type Groups = readonly (number | string)[] | 'follow' | 'keep';

/** What a target has that a program may be given as well. */
export const ASPECTS = [
  'namespaces',
  'root',
  'wd',
  'env',
  'ids',
  'groups',
  'caps',
  'no-new-privs',
  'label',
  'cgroup',
  'limits',
  'oom',
  'umask',
  'sched',
  'keyring',
  'fds',
  'session',
  'seccomp',
] as const;

export type Aspect = (typeof ASPECTS)[number];

export interface AsTarget {
  aspects: readonly Aspect[];
  /** of them those that an option asks for by itself, which are not left out */
  asked: readonly Aspect[];
  /** what cannot be taken is an error */
  strict: boolean;
}

/** What is done to the capabilities that the program would have. */
export interface CapabilityEdit {
  /** `=`: from here on none */
  sign: '+' | '-' | '=';
  /** their numbers; `all`: all that the kernel knows */
  capabilities: readonly number[] | 'all';
}

/** What is done to an environment. */
export type EnvironmentEdit =
  | { change: 'set'; name: string; value: string }
  /** to what the caller has */
  | { change: 'keep'; name: string }
  | { change: 'unset'; name: string }
  | { change: 'clear' }
  /** to what a file of the caller's says */
  | { change: 'file'; path: string };
