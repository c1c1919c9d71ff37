import { Errno } from '../../sys/errors.ts';
import { NAMESPACES, type NamespaceName } from '../../sys/namespaces.ts';
import type { Sys } from '../../sys/sys.ts';
import { StateFiles } from '../engines/state-files.ts';
import { type Listed, listAll } from './listing.ts';
import { inodesOf, lookAt } from './process.ts';

/** A namespace that a process is in, as lsns(8) shows it. */
export interface ListedNamespace {
  type: NamespaceName;
  inode: string;
  /** how many processes are in it */
  count: number;
  /** the first of them, by number */
  pid: number;
  uid: number | undefined;
  comm: string;
  /** what is listed, and has it for itself */
  owners: string[];
}

/** @param operands with any of them, only namespaces of what these ask for */
export function listNamespaces(
  sys: Sys,
  hostRoot: string | undefined,
  operands: readonly string[],
): { namespaces: ListedNamespace[]; unseen: string[]; nameless: readonly string[] } {
  const { listed, unseen, nameless } = listAll(sys, hostRoot, operands);
  const found = new Map<string, ListedNamespace>();
  let denied = 0;
  for (const pid of new StateFiles(sys, undefined).processes().sort((one, other) => one - other)) {
    const inodes = inodesOf(sys, String(pid));
    if (inodes === undefined) denied++;
    for (const { name } of NAMESPACES) {
      const inode = inodes?.[name];
      if (inode === undefined) continue;
      const known = found.get(`${name}:${inode}`);
      if (known) known.count++;
      else
        found.set(`${name}:${inode}`, {
          type: name,
          inode,
          count: 1,
          pid,
          uid: undefined,
          comm: '',
          owners: [],
        });
    }
  }
  for (const one of listed) for (const type of one.differs ?? []) addOwner(found, one, type);
  const namespaces = [...found.values()].filter(({ owners }) => operands.length === 0 || owners.length > 0);
  for (const one of namespaces) Object.assign(one, firstOf(sys, one.pid));
  return {
    namespaces: namespaces.sort(byInode),
    nameless,
    unseen:
      denied === 0
        ? unseen
        : [
            ...unseen,
            `namespaces of ${denied} ${denied === 1 ? 'process' : 'processes'}: ${sys.describe(Errno.EACCES)}`,
          ],
  };
}

function addOwner(
  found: ReadonlyMap<string, ListedNamespace>,
  { namespaces, target, engine, id }: Listed,
  type: NamespaceName,
): void {
  found.get(`${type}:${namespaces?.[type]}`)?.owners.push(target ?? `${engine}:${id}`);
}

function firstOf(sys: Sys, pid: number): { uid: number | undefined; comm: string } | undefined {
  const process = lookAt(sys, pid, undefined);
  return process && { uid: process.uid, comm: process.comm };
}

function byInode(one: ListedNamespace, other: ListedNamespace): number {
  return Number(one.inode) - Number(other.inode);
}
