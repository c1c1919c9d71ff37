import type { Sys } from '../sys.ts';

/** The order of enum open_as in helper-c/native/natives.h. */
export type OpenAsNumber = 0 | 1 | 2 | 3;

/**
 * What helper-c/native/natives.c defines: most of Sys itself, so that no function stands between the core and the
 * system call. A call that fails throws what `systemError` makes.
 */
export interface Natives
  extends Pick<
    Sys,
    | 'variable'
    | 'isTerminal'
    | 'write'
    | 'describe'
    | 'kernelRelease'
    | 'close'
    | 'read'
    | 'stat'
    | 'statPath'
    | 'openProcess'
    | 'hasEnded'
    | 'countsAsProc'
    | 'takeDescriptor'
    | 'namespaceType'
    | 'owningUserNamespace'
    | 'socketNamespace'
    | 'openNamespaceById'
  > {
  readonly count: number;
  at(index: number): string;
  openAs(path: string, as: OpenAsNumber): number;
  execute(steps: readonly string[], firstOperand: number, environment: readonly string[] | undefined): never;
  /**
   * evaluates a chunk of the bundle, which scripts/build-native.mjs lists, and gives its exports
   *
   * @param extended whether it uses regular expressions or collections
   */
  chunk(name: string, extended: boolean): unknown;
  /** To be set: what a failed call throws. */
  systemError?: (errno: number, call: string) => Error;
  /** To be set: the classes that every chunk throws. */
  errors?: unknown;
}
