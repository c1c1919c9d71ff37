/** What --list may be asked for. */
export const FORMATS = ['table', 'json', 'ndjson', 'names', 'pids', 'namespaces'] as const;
export type Format = (typeof FORMATS)[number];

/** Of the options these alone go with it: they say where to look, and what a failure is. */
export const WITH_LIST: readonly string[] = ['list', 'host-root', 'failure-status'];
