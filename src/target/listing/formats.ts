/** What --list may be asked for. */
export const FORMATS = ['table', 'json', 'ndjson', 'names', 'pids', 'namespaces'] as const;
export type Format = (typeof FORMATS)[number];
