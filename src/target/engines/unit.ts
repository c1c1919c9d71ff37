import { findCgroups, processesOf } from './cgroups.ts';
import type { Engine } from './engine.ts';

const UNIT = /\.(service|scope|socket|mount|swap|slice)$/;

/** A unit by its cgroup, `.service` being what may be left out; the first process that is still there. */
export const unit: Engine = {
  scheme: 'unit',
  find: (files, wanted = '') =>
    findCgroups(files, (name) => UNIT.test(name) && !name.endsWith('.slice') && name.startsWith(wanted)).map(
      (directory) => {
        const id = directory.slice(directory.lastIndexOf('/') + 1);
        const pid = processesOf(files, directory)[0] ?? 0;
        return {
          scheme: 'unit',
          id,
          names: [id, id.replace(/\.service$/, '')],
          pid,
          ...(pid === 0 && { state: 'without processes' }),
          proof: { kind: 'cgroup', name: id },
        };
      },
    ),
};
