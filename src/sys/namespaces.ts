/**
 * The eight namespace types of Linux, declared once: the option table, the planner, the messages and the
 * helper's C header are all made from this list.
 *
 * The order is the order of joining (nsenter's): user first in the pass that may fail, because joining it grants
 * the capabilities that the others need.
 */
export const NAMESPACES = [
  { name: 'user', flag: 0x1000_0000 },
  { name: 'cgroup', flag: 0x0200_0000 },
  { name: 'ipc', flag: 0x0800_0000 },
  { name: 'uts', flag: 0x0400_0000 },
  { name: 'net', flag: 0x4000_0000 },
  { name: 'pid', flag: 0x2000_0000 },
  { name: 'mount', flag: 0x0002_0000 },
  { name: 'time', flag: 0x0000_0080 },
] as const satisfies readonly {
  /** the word that users and messages use; also the long option's name */
  name: string;
  /** the CLONE_NEW* bit, as setns(2) and NS_GET_NSTYPE have it */
  flag: number;
}[];

export type NamespaceName = (typeof NAMESPACES)[number]['name'];
export type Namespace = (typeof NAMESPACES)[number];

/** The file of a namespace type below /proc/PID/ns. */
export function procFile(name: NamespaceName): string {
  return name === 'mount' ? 'mnt' : name;
}

/** The first kernel whose /proc/PID/ns has the type (namespaces(7)). */
export function firstKernel(name: NamespaceName): string {
  const since = {
    user: '3.8',
    cgroup: '4.6',
    ipc: '3.0',
    uts: '3.0',
    net: '3.0',
    pid: '3.8',
    mount: '3.8',
    time: '5.6',
  };
  return since[name];
}

/** The row of a namespace type. */
export function namespace(name: NamespaceName): Namespace {
  return NAMESPACES.find((row) => row.name === name) as Namespace;
}

/** The name of the type that NS_GET_NSTYPE told, or undefined for a type newer than this table. */
export function namespaceOfFlag(flag: number): NamespaceName | undefined {
  return NAMESPACES.find((row) => row.flag === flag)?.name;
}
