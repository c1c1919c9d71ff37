/** A11: the program makes children of the waiting parent (CLONE_PARENT), which it does not know. */
import { processes } from '../../support/processes.ts';
import type { Attack } from './attack.ts';
import { bring, start, within } from './enter.ts';
import type { Way } from './tools.ts';

/** Time for a parent to reap, which nothing announces. */
const MOMENT = 1000;

export function makeSiblings(way: Way): Attack {
  return {
    name: `children of the waiting parent${way.pty ? ', --pty' : ''}`,
    sentence:
      'The program makes four siblings of itself (CLONE_PARENT), of which three end: are they reaped, and does the tool end ' +
      'with the program?',
    run: async (tool, target) => {
      const insider = bring(target, 'insider');
      await using entering = start(tool, target, way, [insider, 'siblings']);
      await entering.said.waitFor('ready', { timeout: 5000 });
      const zombies = (): number =>
        processes().filter(({ parent, state }) => parent === entering.pid && state === 'Z').length;
      const end = Date.now() + MOMENT;
      let left = zombies();
      while (left > 0 && Date.now() < end) {
        await new Promise((resolve) => setImmediate(resolve));
        left = zombies();
      }
      // The end of the input: with a terminal, ^D.
      entering.child.stdin?.end();
      const how = (await within(3000, entering.ended)) ?? 'the tool does not end with the program';
      const facts = [...(left > 0 ? [`${left} zombies`] : []), ...(how === 'status 7' ? [] : [how])];
      return { succeeded: facts.length > 0, seen: facts.join(', ') || 'no zombies, status 7' };
    },
  };
}

/** What a busy machine takes to pass a signal on. */
const LIMIT = 2000;

export function floodParent(way: Way): Attack {
  return {
    name: `a flood of children of the waiting parent${way.pty ? ', --pty' : ''}`,
    sentence: 'The program makes siblings of itself without end: does a signal to the tool still reach it?',
    run: async (tool, target) => {
      const insider = bring(target, 'insider');
      await using entering = start(tool, target, way, [insider, 'flood']);
      await entering.said.waitFor('ready', { timeout: 20_000 });
      // Until there are so many that they never end; nothing announces it.
      const zombies = (): number =>
        processes().filter(({ parent, state }) => parent === entering.pid && state === 'Z').length;
      const end = Date.now() + MOMENT;
      while (zombies() < 100 && Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
      entering.child.kill('SIGTERM');
      const told = await within(
        LIMIT,
        entering.said.waitFor('told', { timeout: LIMIT }).catch(() => undefined),
      );
      return told === undefined
        ? { succeeded: true, seen: `a signal does not arrive within ${LIMIT} ms` }
        : { succeeded: false, seen: 'the signal arrives' };
    },
  };
}
