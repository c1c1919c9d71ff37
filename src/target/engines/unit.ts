import { findCgroups, inCgroup } from './cgroups.ts';
import type { Engine } from './engine.ts';

const UNIT = /\.(service|scope|socket|mount|swap)$/;

/** A unit of systemd by its cgroup, `.service` being what may be left out. */
export const unit: Engine = {
  scheme: 'unit',
  find: (files, wanted = '') =>
    findCgroups(files, (name) => UNIT.test(name) && name.startsWith(wanted)).map((directory) => {
      const id = directory.slice(directory.lastIndexOf('/') + 1);
      return inCgroup(files, directory, 'unit', id, [id, id.replace(/\.service$/, '')]);
    }),
};
