import type { Host } from '../../plan/host.ts';
import type { Listing } from '../../target/listing/listing.ts';
import type { ListedNamespace } from '../../target/listing/namespaces.ts';
import { listAsJson, listAsLines } from './list-json.ts';
import { namespaceTable, targetTable } from './list-table.ts';

/** `--list`, and `--list=json` and `ndjson`. */
export function renderList(host: Host, listing: Listing, format: 'table' | 'json' | 'ndjson'): string {
  switch (format) {
    case 'table':
      return targetTable(host, listing.listed);
    case 'json':
      return listAsJson(host, listing);
    case 'ndjson':
      return listAsLines(host, listing);
  }
}

/** `--list=namespaces` */
export function renderNamespaces(host: Host, namespaces: readonly ListedNamespace[]): string {
  return namespaceTable(host, namespaces);
}
