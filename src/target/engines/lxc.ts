import { findCgroups, inCgroup } from './cgroups.ts';
import type { Engine } from './engine.ts';

/** LXC 4 and later: what is inside a container is in the cgroup lxc.payload.NAME. */
export const lxc: Engine = {
  scheme: 'lxc',
  find: (files, wanted = '') =>
    findCgroups(files, (name) => name.startsWith(`${PAYLOAD}${wanted}`)).map((directory) =>
      inCgroup(files, directory, ['lxc', directory.slice(directory.lastIndexOf(PAYLOAD) + PAYLOAD.length)]),
    ),
};

const PAYLOAD = 'lxc.payload.';
