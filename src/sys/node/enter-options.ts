import { NAMESPACES, type NamespaceName } from '../../namespaces.ts';
import type { OptionValues } from '../../options.ts';
import { fromUnicode } from './bytes.ts';

/** What to enter, and as whom. Everything means what the option of the command line means; see tsenter(1). */
export interface EnterOptions {
  /** process id, or `PID:inode` with the inode of a pidfd */
  target?: number | string;
  /** every namespace of the target that differs from the caller's */
  all?: boolean;
  /** the target's namespaces by name, or each with `true` (the target's), a file, or `:nsid` */
  namespaces?: readonly NamespaceName[] | Partial<Readonly<Record<NamespaceName, true | string>>>;
  /** enter the network namespace of this descriptor of the target, a socket */
  netSocket?: number;
  /** enter the parent of the user namespace */
  userParent?: boolean;
  /** `true`: the target's */
  root?: true | string;
  /** opened before anything is entered; `true`: the target's */
  workingDirectory?: true | string;
  /** looked up after entering */
  workingDirectoryInside?: string;
  uid?: number | 'follow';
  gid?: number | 'follow';
  preserveCredentials?: boolean;
  keepCapabilities?: boolean;
  targetEnvironment?: boolean;
  joinCgroup?: boolean;
  followContext?: boolean;
  /** false: execute in the spawned process itself, even after entering a PID namespace */
  fork?: boolean;
}

/** The options of the command line that say the same. */
export function optionValues(options: EnterOptions): OptionValues {
  const values: OptionValues = {};
  const set = (name: keyof OptionValues, value: string | number | boolean | undefined) => {
    if (value === true) values[name] = true;
    else if (value !== undefined && value !== false) values[name] = fromUnicode(String(value));
  };
  set('target', options.target);
  set('all', options.all);
  for (const { name } of NAMESPACES) set(name, namespaceValue(options.namespaces, name));
  set('net-socket', options.netSocket);
  set('user-parent', options.userParent);
  set('root', options.root);
  set('wd', options.workingDirectory);
  set('wdns', options.workingDirectoryInside);
  set('setuid', options.uid);
  set('setgid', options.gid);
  set('preserve-credentials', options.preserveCredentials);
  set('keep-caps', options.keepCapabilities);
  set('env', options.targetEnvironment);
  set('join-cgroup', options.joinCgroup);
  set('follow-context', options.followContext);
  set('no-fork', options.fork === false);
  return values;
}

function namespaceValue(
  namespaces: EnterOptions['namespaces'],
  name: NamespaceName,
): true | string | undefined {
  if (!namespaces) return undefined;
  if (isList(namespaces)) return namespaces.includes(name) || undefined;
  return namespaces[name];
}

function isList(namespaces: NonNullable<EnterOptions['namespaces']>): namespaces is readonly NamespaceName[] {
  return Array.isArray(namespaces);
}
