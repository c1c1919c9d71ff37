/** What a name costs: the same target by its number and by its name, in one run. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { measure } from './measure.mjs';
import { places } from './places.mjs';
import { candidates, withoutPid } from './rows.mjs';
import { where, writeRunc } from './states.mjs';

const NAME = 'shop-front-1';

/** Of runc, and of no other engine there is anything. `notTried` gets a line for each candidate that fails. */
export async function measureNames({ pid }, rounds, notTried, say) {
  say('a name instead of a number');
  const directory = mkdtempSync(`${tmpdir()}/tsb-`);
  try {
    mkdirSync(`${directory}/var/lib`, { recursive: true });
    writeRunc(directory, [{ name: NAME, id: NAME, pid }]);
    const list = candidates(['-t', pid, '-a'], [], [places.staticTrue]).filter(({ name }) =>
      /senter/.test(name),
    );
    const named = list.slice(1).flatMap((each) =>
      [`runc:${NAME}`, NAME].map((name) => ({
        ...each,
        name: `${each.name}: ${name}`,
        words: each.words.map((word) => (word === pid ? name : word)),
        to: each.name,
      })),
    );
    const measured = await measure([...list, ...named], rounds, { within: where(directory) });
    for (const { name, failed } of measured) if (failed) notTried.push(`${name}: it failed (${failed})`);
    return measured.map((each) => ({ ...each, command: withoutPid(each.command, pid) }));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
