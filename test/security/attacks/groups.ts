/** The caller's supplementary groups, under another user id. */
import type { Attack } from './attack.ts';
import { enterFor, firstLine } from './enter.ts';
import { put } from './targets.ts';
import type { Way } from './tools.ts';

const GROUP = 4242;

export function readByGroup(way: Way): Attack {
  return {
    name: "read by the caller's groups",
    sentence:
      'The caller has a supplementary group that may read a file inside, and gives the program another user id: it reads the file.',
    run: async (tool, target) => {
      put(target, '/secret', 'GROUP SECRET\n');
      target.do(`/bin/busybox chown 0:${GROUP} /secret; /bin/busybox chmod 640 /secret`);
      const before = ['/usr/bin/setpriv', '--groups', String(GROUP)];
      const program = ['/bin/busybox', 'cat', '/secret'];
      const { how, said } = await enterFor(30_000, tool, target, way, program, { before });
      const succeeded = said.includes('GROUP SECRET');
      return { succeeded, seen: succeeded ? 'it was read' : firstLine(said) || how };
    },
  };
}
