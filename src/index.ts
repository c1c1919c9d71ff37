/** The library: executes programs in the namespaces of other processes, from Node. */
export { TsenterError } from './errors.ts';
export { NAMESPACES, type Namespace, type NamespaceName } from './namespaces.ts';
export type { EnterOptions } from './sys/node/enter-options.ts';
export { type EnteredProcess, type SpawnOptions, spawn } from './sys/node/spawn.ts';
