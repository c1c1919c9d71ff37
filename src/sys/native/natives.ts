/**
 * What helper-c/native/natives.c defines. A negative number is an errno; strings have one character per byte.
 */
export interface Natives {
  readonly wordCount: number;
  word(index: number): string;
  variable(name: string): string | undefined;
  isTerminal(fd: number): boolean;
  write(fd: number, text: string): number;
  describe(errno: number): string;
  kernelRelease(): string;
  open(path: string, as: number): number;
  close(fd: number): number;
  read(fd: number, most: number): string | number;
  /** `device:inode` */
  stat(fd: number): string | number;
  statPath(path: string): string | number;
  openProcess(pid: number): number;
  hasEnded(pidfd: number): number;
  takeDescriptor(pidfd: number, fd: number): number;
  namespaceType(fd: number): number;
  owningUserNamespace(fd: number): number;
  socketNamespace(fd: number): number;
  openNamespaceById(id: string): number;
  run(steps: readonly string[], firstOperand: number, environment: readonly string[] | undefined): never;
  /** evaluates a chunk of the bundle, which scripts/build-native.mjs lists, and gives its exports */
  chunk(name: string): unknown;
}
