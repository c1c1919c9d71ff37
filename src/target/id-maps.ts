import type { Sys } from '../sys/sys.ts';
import { readIfPossible } from '../sys/system-call.ts';

export interface IdRange {
  inside: number;
  outside: number;
  count: number;
}

export interface Maps {
  uid: readonly IdRange[];
  gid: readonly IdRange[];
  setgroups: 'allow' | 'deny' | null;
}

/** 340 lines (user_namespaces(7)). */
const MOST = 1 << 16;

/** Those of the user namespace that a process is in, with the ids outside as the caller's counts them. */
export function mapsOf(sys: Sys, proc: string): Maps | undefined {
  const uid = readIfPossible(sys, `${proc}/uid_map`, MOST);
  const gid = readIfPossible(sys, `${proc}/gid_map`, MOST);
  if (uid === undefined || gid === undefined) return undefined;
  const setgroups = readIfPossible(sys, `${proc}/setgroups`, MOST)?.trim();
  return {
    uid: rangesIn(uid),
    gid: rangesIn(gid),
    setgroups: setgroups === 'allow' || setgroups === 'deny' ? setgroups : null,
  };
}

function rangesIn(text: string): IdRange[] {
  return text
    .split('\n')
    .map((line) =>
      line
        .split(' ')
        .filter((word) => word !== '')
        .map(Number),
    )
    .flatMap(([inside, outside, count]) =>
      inside === undefined || outside === undefined || count === undefined
        ? []
        : [{ inside, outside, count }],
    );
}

/** undefined: it is not mapped. */
export function outsideOf(ranges: readonly IdRange[], id: number): number | undefined {
  const range = ranges.find(({ inside, count }) => id >= inside && id < inside + count);
  return range && range.outside + (id - range.inside);
}

export function insideOf(ranges: readonly IdRange[], id: number): number | undefined {
  const range = ranges.find(({ outside, count }) => id >= outside && id < outside + count);
  return range && range.inside + (id - range.outside);
}

/** What stands for an id that is not mapped (/proc/sys/kernel/overflowuid). */
const OVERFLOW = 65534;

/** What the kernel tells those inside of an id outside. */
export function seenAs(ranges: readonly IdRange[], id: number): number {
  return insideOf(ranges, id) ?? OVERFLOW;
}
