/**
 * The eight namespace types of Linux, declared once: the option table, the planner, the messages and the
 * helper's C header are all made from this list.
 *
 * The order is the order of joining (nsenter's): user first in the pass that may fail, because joining it grants
 * the capabilities that the others need.
 */
export const NAMESPACES = [
  { name: 'user', proc: 'user', flag: 0x1000_0000, constant: 'CLONE_NEWUSER', kernel: '3.8' },
  { name: 'cgroup', proc: 'cgroup', flag: 0x0200_0000, constant: 'CLONE_NEWCGROUP', kernel: '4.6' },
  { name: 'ipc', proc: 'ipc', flag: 0x0800_0000, constant: 'CLONE_NEWIPC', kernel: '3.0' },
  { name: 'uts', proc: 'uts', flag: 0x0400_0000, constant: 'CLONE_NEWUTS', kernel: '3.0' },
  { name: 'net', proc: 'net', flag: 0x4000_0000, constant: 'CLONE_NEWNET', kernel: '3.0' },
  { name: 'pid', proc: 'pid', flag: 0x2000_0000, constant: 'CLONE_NEWPID', kernel: '3.8' },
  { name: 'mount', proc: 'mnt', flag: 0x0002_0000, constant: 'CLONE_NEWNS', kernel: '3.8' },
  { name: 'time', proc: 'time', flag: 0x0000_0080, constant: 'CLONE_NEWTIME', kernel: '5.6' },
] as const satisfies readonly {
  /** the word that users and messages use; also the long option's name */
  name: string;
  /** the file below /proc/PID/ns */
  proc: string;
  /** the CLONE_NEW* bit, as setns(2) and NS_GET_NSTYPE have it */
  flag: number;
  constant: string;
  /** the first kernel whose /proc/PID/ns has the file (namespaces(7)) */
  kernel: string;
}[];

export type NamespaceName = (typeof NAMESPACES)[number]['name'];
export type Namespace = (typeof NAMESPACES)[number];

/** The row of a namespace type. */
export function namespace(name: NamespaceName): Namespace {
  return NAMESPACES.find((row) => row.name === name) as Namespace;
}

/** The name of the type that NS_GET_NSTYPE told, or undefined for a type newer than this table. */
export function namespaceOfFlag(flag: number): NamespaceName | undefined {
  return NAMESPACES.find((row) => row.flag === flag)?.name;
}
