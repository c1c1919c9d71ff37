/** The library: executes programs in the namespaces of other processes, from Node. */
export { TsenterError } from '../sys/errors.ts';
export { NAMESPACES, type Namespace, type NamespaceName } from '../sys/namespaces.ts';
export type { AspectWord, EnterOptions } from './enter-options.ts';
export { type EnteredProcess, type SpawnOptions, spawn } from './spawn.ts';
