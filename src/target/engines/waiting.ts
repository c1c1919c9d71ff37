import type { Sys } from '../../sys/sys.ts';
import { ifPossible, readIfPossible } from '../../sys/system-call.ts';
import { unescapeOctal } from '../mountinfo.ts';

/** File systems whose files another machine or a process has, which may be away, and those that are mounted when they are looked at. */
const ELSEWHERE =
  /^(nfs4?|cifs|smb3?|smbfs|ncpfs|afs|coda|ceph|9p|autofs|lustre|gpfs|beegfs|orangefs|ocfs2|gfs2|fuse.*)$/;
/** A machine with thousands of containers has megabytes of mounts. */
const MOST_OF_MOUNTS = 16 << 20;
const MOST_LINKS = 40;

/**
 * Tells of a path why who looks at it may wait: the place on the way to it, and what is mounted there. No component is touched before it is
 * known that it is on no such place.
 *
 * @param root an open directory that is the root of paths
 */
export function waitingPlaces(sys: Sys, root: number | undefined): (path: string) => string | undefined {
  const base = root === undefined ? '/' : ifPossible(() => sys.readLink(`/proc/self/fd/${root}`));
  const mounts = readIfPossible(sys, '/proc/self/mountinfo', MOST_OF_MOUNTS);
  if (base === undefined || mounts === undefined) return () => 'its mounts cannot be told';
  const elsewhere = placesElsewhere(mounts);
  const prefix = base === '/' ? '' : base;
  const waitsAt = (at: string) => {
    const type = elsewhere.get(prefix + at || '/');
    return type && `on ${type}, at ${prefix + at || '/'}`;
  };
  return (path) => {
    const ahead = path.split('/').reverse();
    let at = '';
    for (let links = 0; links < MOST_LINKS; ) {
      const why = waitsAt(at);
      if (why) return why;
      const part = ahead.pop();
      if (part === undefined) return undefined;
      if (part === '..') at = at.slice(0, at.lastIndexOf('/'));
      if (part === '' || part === '.' || part === '..') continue;
      const next = `${at}/${part}`;
      const link = waitsAt(next) ? undefined : ifPossible(() => sys.readLink(prefix + next));
      if (link === undefined) at = next;
      else {
        links++;
        ahead.push(...link.split('/').reverse());
        if (link.startsWith('/')) at = '';
      }
    }
    return 'behind too many links';
  };
}

/** By where they are mounted; of several at one place the last one counts (proc_pid_mountinfo(5)). */
function placesElsewhere(mounts: string): Map<string, string> {
  const places = new Map<string, string>();
  for (const line of mounts.split('\n')) {
    const [before = '', behind = ''] = line.split(' - ');
    const place = before.split(' ', 5)[4] ?? '';
    const type = behind.slice(0, behind.indexOf(' '));
    if (ELSEWHERE.test(type)) places.set(unescapeOctal(place), type);
    else if (places.size > 0) places.delete(unescapeOctal(place));
  }
  return places;
}
