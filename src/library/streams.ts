import type { Readable, Stream, Writable } from 'node:stream';

/** One standard stream, as child_process.spawn takes it; null and undefined are the default. */
export type Stdio = 'pipe' | 'overlapped' | 'inherit' | 'ignore' | number | Stream | null | undefined;

/** One for all, or each. */
export type StdioOption = Stdio | readonly Stdio[];

/** Which of them an index of `stdio` has. */
type At<S extends StdioOption, Index extends '0' | '1' | '2'> = S extends readonly unknown[]
  ? number extends S['length']
    ? S[number]
    : Index extends keyof S
      ? S[Index]
      : undefined
  : S;

type IsPiped<One, Piped> = One extends 'pipe' | 'overlapped' | null | undefined ? Piped : null;

/** The stream that a child has of its standard input. */
export type Input<S extends StdioOption> = IsPiped<At<S, '0'>, Writable>;
/** The stream that a child has of its standard output. */
export type Output<S extends StdioOption> = IsPiped<At<S, '1'>, Readable>;
/** The stream that a child has of its standard error. */
export type Errors<S extends StdioOption> = IsPiped<At<S, '2'>, Readable>;

/** @returns one for each of the three, and for those behind that were given */
export function streamsOf(stdio: StdioOption): Exclude<Stdio, null | undefined>[] {
  const given: readonly Stdio[] = isEach(stdio) ? stdio : [stdio, stdio, stdio];
  return Array.from(
    { length: Math.max(3, given.length) },
    (_, index) => given[index] ?? (index < 3 ? 'pipe' : 'ignore'),
  );
}

function isEach(stdio: StdioOption): stdio is readonly Stdio[] {
  return Array.isArray(stdio);
}
