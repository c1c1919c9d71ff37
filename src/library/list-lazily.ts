import { lookAtAll } from '../cli/list-all.ts';
import { listAsJson } from '../cli/screens/list-json.ts';
import { fromUnicode, toUnicode } from '../hosts/node/bytes.ts';
import { LibraryHost } from './host.ts';
import type { ListOptions, TargetListing } from './listed.ts';
import { seenBy } from './seen.ts';

export function listNow(patterns: readonly string[], options: ListOptions): TargetListing {
  const host = new LibraryHost(seenBy({ helperPath: options.helperPath }));
  try {
    const { hostRoot } = options;
    const root = hostRoot === undefined ? undefined : fromUnicode(hostRoot);
    const listing = lookAtAll(host, root, patterns.map(fromUnicode));
    return JSON.parse(toUnicode(listAsJson(host, listing))) as TargetListing;
  } finally {
    host.closeAll();
  }
}
