import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES, type Place, placeOf } from '../as-target/cases.ts';
import { differencesOf } from '../as-target/differences.ts';
import { type Look, lookThrough } from '../as-target/look.ts';
import { mustRun, tsenter } from '../support/command.ts';
import { buildPrograms } from '../support/programs.ts';
import { Container } from './container.ts';

const engines = [...new Set(CASES.map(({ engine }) => engine))];

for (const engine of engines) {
  const missing = process.getuid?.() === 0 ? Container.missing(engine) : ['root'];
  if (missing.length > 0) {
    it(`${engine} is here`, (context) => void mustRun(`${engine}: missing: ${missing.join(', ')}`, context));
    continue;
  }

  describe(engine, () => {
    let container: Container;
    beforeAll(() => {
      buildPrograms();
      container = new Container(engine);
    });
    afterAll(() => container?.down());

    describe.each(CASES.filter((one) => one.engine === engine))('$name', (one) => {
      let place: Place;
      let end: (() => void) | undefined;
      let theirs: Look;
      beforeAll(() => {
        ({ place, end } = placeOf(one, container));
        theirs = lookThrough(place.engine);
      });
      afterAll(() => end?.());

      it.each(['--as-target', '--as-target=+seccomp'])('%s: every difference has a reason', (way) => {
        const ours = lookThrough([tsenter, '-t', String(place.pid), way]);
        const differences = differencesOf(one.name, theirs, ours);
        expect(differences.filter(({ why }) => why === undefined)).toEqual([]);
        expect(theirs.size).toBeGreaterThan(70);
        if (way.endsWith('+seccomp')) expect(ours.get('status Seccomp')).toBe(theirs.get('status Seccomp'));
      });
    });
  });
}
