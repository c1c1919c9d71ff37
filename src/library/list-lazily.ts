import { lookAtAll } from '../cli/list-all.ts';
import { listAsJson } from '../cli/screens/list-json.ts';
import { fromUnicode, toUnicode } from '../hosts/node/bytes.ts';
import { LibraryHost } from './host.ts';
import type { ListOptions, TargetListing } from './listed.ts';

export function listNow(patterns: readonly string[], { hostRoot }: ListOptions): TargetListing {
  const host = new LibraryHost();
  try {
    const root = hostRoot === undefined ? undefined : fromUnicode(hostRoot);
    const listing = lookAtAll(host, root, patterns.map(fromUnicode));
    const document = JSON.parse(toUnicode(listAsJson(host, listing))) as Omit<TargetListing, 'nameless'>;
    return { ...document, nameless: listing.nameless.map(toUnicode) };
  } finally {
    host.closeAll();
  }
}
