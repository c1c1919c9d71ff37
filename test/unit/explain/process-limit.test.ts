import { describe, expect, it } from 'vitest';
import { hasFullCgroup } from '../../../src/explain/process-limit.ts';
import { FakeSys } from '../support/fake-sys.ts';

const V2 = '30 24 0:26 / /cg rw - cgroup2 cgroup2 rw\n';
const V1 = '31 24 0:27 / /cg/pids rw - cgroup cgroup rw,pids\n';

/** @param limits of a directory: `CURRENT of MAX` */
function isFull(
  limits: Readonly<Record<string, string>>,
  { threads = 1, own = '0::/a/b\n', mounts = V2 } = {},
): boolean {
  const sys = new FakeSys();
  sys.files.set('/proc/self/status', { text: `Name:\tx\nThreads:\t${threads}\nSigQ:\t0/1\n` });
  sys.files.set('/proc/self/cgroup', { text: own });
  sys.files.set('/proc/self/mountinfo', { text: mounts });
  for (const [directory, text] of Object.entries(limits)) {
    const [current, max] = text.split(' of ');
    sys.files.set(`${directory}/pids.current`, { text: `${current}\n` });
    sys.files.set(`${directory}/pids.max`, { text: `${max}\n` });
  }
  return hasFullCgroup(sys);
}

describe('whether a limit of processes is reached', () => {
  it.each<readonly [string, Parameters<typeof isFull>, boolean]>([
    ['in the own cgroup', [{ '/cg/a/b': '3 of 3' }], true],
    ['not with one left', [{ '/cg/a/b': '2 of 3' }], false],
    ['where it was lowered since', [{ '/cg/a/b': '3 of 1' }], true],
    ['in one above', [{ '/cg/a/b': '3 of max', '/cg/a': '9 of 9' }], true],
    ['nowhere', [{ '/cg/a/b': '3 of max', '/cg/a': '9 of max' }], false],
    ['in one beside', [{ '/cg/a/b': '3 of max', '/cg/c': '9 of 9' }], false],
    ['but for the threads that now look', [{ '/cg/a/b': '12 of 12' }, { threads: 11 }], false],
    ['and they are no excuse', [{ '/cg/a/b': '12 of 2' }, { threads: 11 }], true],
    ['of version 1', [{ '/cg/pids/x': '1 of 1' }, { own: '8:pids:/x\n0::/\n', mounts: V1 }], true],
    ['where there is no such controller', [{}], false],
    ['where no hierarchy is mounted', [{}, { mounts: '' }], false],
  ])('%s', (_, given, expected) => {
    expect(isFull(...given)).toBe(expected);
  });

  it('is not known without /proc', () => {
    expect(hasFullCgroup(new FakeSys())).toBe(false);
  });
});
