/** The library: executes programs in the namespaces of other processes, from Node. */
export type {
  CgroupTold,
  Explanation,
  Identity,
  Ids,
  NamespaceTold,
  Place,
  PlanLine,
  Stay,
  TargetTold,
  Verdict,
} from '../explain/explanation.ts';
export type { Aspect } from '../request/controls.ts';
export { TsenterError, UsageError } from '../sys/errors.ts';
export { NAMESPACES, type Namespace, type NamespaceName } from '../sys/namespaces.ts';
export { enter, type ReplaceOptions } from './enter.ts';
export type { AspectWord, EnterOptions, TerminalSize } from './enter-options.ts';
export { explain } from './explain.ts';
export type { Held } from './held.ts';
export { list } from './list.ts';
export type { ListedTarget, ListOptions, TargetListing } from './listed.ts';
export type { Entered, EnteredProcess } from './process.ts';
export { type EndSignal, ProgramError, type RunResult } from './result.ts';
export { type Running, run } from './run.ts';
export type { Captured, Format, RunOptions } from './run-options.ts';
export { type RunSyncOptions, runSync } from './run-sync.ts';
export { spawn } from './spawn.ts';
export type { SpawnOptions } from './spawn-options.ts';
export type { Errors, Input, Output, Stdio, StdioOption } from './streams.ts';
export { type ContainerTold, type ResolvedTarget, type ResolveOptions, resolve, Target } from './target.ts';
