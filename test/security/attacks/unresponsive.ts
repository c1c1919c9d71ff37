/** A3: a file of the target's holds the child before it executes; the parent must not be held with it. */

import { until } from '../../support/enter.ts';
import { ExpectText } from '../../support/expect-text.ts';
import { type JobEvent, startJob } from '../../support/job.ts';
import { processes, signal } from '../../support/processes.ts';
import type { Attack, Observation } from './attack.ts';
import { bring, within } from './enter.ts';
import type { AttackTarget } from './targets.ts';
import type { Tool } from './tools.ts';

export interface Hold {
  /** What is done to the tool: a signal, or what is typed. */
  readonly by: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | '^C' | '~.';
  readonly pty?: boolean;
  /** The child is stopped while it is held. */
  readonly stopped?: boolean;
  /** The program is a file of a file system in user space, not one with a lease: then nobody can kill the child. */
  readonly fuse?: boolean;
}

/** A second, and what a busy machine takes. */
const LIMIT = 1500;

interface Holder extends AsyncDisposable {
  readonly program: string;
  /** Somebody waits for the program. */
  readonly wanted: Promise<unknown>;
  release(): Promise<void>;
}

/** A lease, for which nobody needs a privilege, or a file system in user space. */
function holding(
  target: AttackTarget,
  fuse: boolean,
): { readonly program: string; readonly words: string[] } {
  if (!fuse) {
    const program = bring(target, 'true');
    return { program, words: [bring(target, 'insider'), 'lease', program] };
  }
  target.do('b=/bin/busybox; $b mkdir -p /slow; $b test -e /dev/fuse || $b mknod /dev/fuse c 10 229');
  return { program: '/slow/program', words: [bring(target, 'slow-fuse'), '/slow'] };
}

/** A program inside whose opening waits for a process of the attacker's. */
export async function holdProgram(target: AttackTarget, fuse: boolean): Promise<Holder> {
  const { program, words } = holding(target, fuse);
  const holder = target.start(words);
  const said = new ExpectText(words.join(' '));
  for (const stream of [holder.stdout, holder.stderr])
    stream?.on('data', (part: Buffer) => said.add(part.toString()));
  const ended = new Promise<void>((resolve) => {
    holder.once('close', () => {
      said.end();
      resolve();
    });
  });
  const release = async (): Promise<void> => {
    holder.stdin?.end();
    await ended;
  };
  await said.waitFor('ready\n', { timeout: 5000 });
  const wanted = said.waitFor('wanted\n', { timeout: 5000 });
  wanted.catch(() => undefined);
  return { program, wanted, release, [Symbol.asyncDispose]: release };
}

export function descendants(of: number): number[] {
  const all = processes();
  const found = [of];
  for (const parent of found) found.push(...all.filter((one) => one.parent === parent).map(({ pid }) => pid));
  return found.slice(1);
}

function alive(pids: readonly number[]): boolean {
  return processes().some(({ pid, state }) => pids.includes(pid) && state !== 'Z');
}

async function fresh(): Promise<string> {
  await using job = await startJob(['/bin/true']);
  return (await job.next()).settings;
}

async function facts(event: JobEvent | undefined, children: readonly number[]): Promise<string[]> {
  if (event === undefined) return [`the tool does not react within ${LIMIT} ms`];
  const restored = event.settings === (await fresh());
  const end = Date.now() + LIMIT;
  while (alive(children) && Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
  return [
    ...(restored ? [] : ['the terminal is left changed']),
    ...(alive(children) ? ['the child is left behind'] : []),
  ];
}

async function attack(tool: Tool, target: AttackTarget, hold: Hold): Promise<Observation> {
  await using holder = await holdProgram(target, hold.fuse === true);
  const words = tool.words(target, hold.pty === true ? { pty: true } : {}, [holder.program]);
  await using job = await startJob(words, target.caller);
  // Before the end of the job, whatever comes: who waits for a file system in user space cannot even be killed.
  await using _released = { [Symbol.asyncDispose]: holder.release };
  await holder.wanted;
  const children = descendants(job.pid);
  if (hold.stopped === true) {
    for (const pid of children) signal(pid, 'SIGSTOP');
    await until('the child is stopped', () =>
      processes().some(({ pid, state }) => children.includes(pid) && state === 'T'),
    );
  }
  if (hold.by === '^C') job.terminal.type('\x03');
  else if (hold.by === '~.') job.terminal.type('~.');
  else signal(job.pid, hold.by);
  const event = await within(LIMIT, job.next());
  if (hold.fuse === true) await holder.release();
  const found = await facts(event, children);
  for (const pid of [...children, job.pid]) signal(pid, 'SIGKILL');
  const seen = found.length > 0 ? found.join(', ') : `the tool: ${event?.what} ${event?.how}`;
  return { succeeded: found.length > 0, seen };
}

export function holdChild(hold: Hold): Attack {
  const details = [
    hold.by,
    ...(hold.fuse ? ['by FUSE'] : []),
    ...(hold.stopped ? ['the child stopped'] : []),
    ...(hold.pty ? ['--pty'] : []),
  ];
  return {
    name: `held before the exec, ${details.join(', ')}`,
    sentence:
      'A process inside holds a lease on the program, so that who executes it waits; the tool is told to end on a terminal. It must ' +
      'end within a second with the terminal as it was, and leave no process.',
    run: (tool, target) => attack(tool, target, hold),
  };
}
