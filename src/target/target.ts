import type { Container } from './engines/engine.ts';

/** A process that is pinned: what names it names no other, even after its number is used anew. */
export interface Target {
  pid: number;
  /** what names it; undefined where none can be opened, and then `stat` and `proc` do */
  pidfd: number | undefined;
  /** its stat file in /proc, which can be read as long as it lives */
  stat?: number;
  /** the directory in /proc that its files are opened in */
  proc: string;
  /** how messages call it */
  label: string;
  /** what its engine has written down, where it was named so */
  container?: Container;
}
