/** What is the caller's, and reaches the program: directories that are open (CVE-2024-21626), and rights. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { scratch } from '../../support/enter.ts';
import type { Attack } from './attack.ts';
import { enterFor, firstLine } from './enter.ts';
import type { Way } from './tools.ts';

const NUMBERS = [3, 9, 251];

export function useDescriptors(way: Way): Attack {
  return {
    name: "the caller's directories as descriptors",
    sentence:
      'The caller has a directory of the host open, as three descriptors: the program reads a file beside it through one of them.',
    run: async (tool, target) => {
      using files = scratch();
      mkdirSync(`${files.path}/open`);
      writeFileSync(`${files.path}/secret`, 'HOST SECRET\n');
      const opened = NUMBERS.map((fd) => `${fd}<${files.path}/open`).join(' ');
      const before = ['/bin/bash', '-c', `exec ${opened}; exec "$@"`, 'bash'];
      const paths = NUMBERS.map((fd) => `/proc/self/fd/${fd}/../secret`);
      const { how, said } = await enterFor(30_000, tool, target, way, ['/bin/busybox', 'cat', ...paths], {
        before,
      });
      const succeeded = said.includes('HOST SECRET');
      return { succeeded, seen: succeeded ? 'the file was read' : firstLine(said) || how };
    },
  };
}

export function useCapabilities(way: Way): Attack {
  return {
    name: 'a capability that the container has not',
    sentence: 'The program mounts a file system, which takes CAP_SYS_ADMIN.',
    run: async (tool, target) => {
      const script = '/bin/busybox mount -t tmpfs none /proc && echo MOUNTED && /bin/busybox umount /proc';
      const { how, said } = await enterFor(30_000, tool, target, way, ['/bin/busybox', 'sh', '-c', script]);
      const succeeded = said.includes('MOUNTED');
      return { succeeded, seen: succeeded ? 'it was mounted' : firstLine(said) || how };
    },
  };
}
