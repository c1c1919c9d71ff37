/** A process that is pinned: its pidfd names it and no other, even after its number is used anew. */
export interface Target {
  pid: number;
  pidfd: number;
  /** how messages call it */
  label: string;
}
