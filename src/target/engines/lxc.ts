import { findCgroups, processesOf } from './cgroups.ts';
import type { Engine } from './engine.ts';

/** LXC 4 and later: what is inside a container is in the cgroup lxc.payload.NAME, its first process first. */
export const lxc: Engine = {
  scheme: 'lxc',
  find: (files, wanted = '') =>
    findCgroups(files, (name) => name.startsWith(`${PAYLOAD}${wanted}`)).map((directory) => {
      const cgroup = directory.slice(directory.lastIndexOf('/') + 1);
      const pid = processesOf(files, directory)[0] ?? 0;
      return {
        scheme: 'lxc',
        id: cgroup.slice(PAYLOAD.length),
        names: [],
        pid,
        ...(pid === 0 && { state: 'stopped' }),
        proof: { kind: 'cgroup', name: cgroup },
      };
    }),
};

const PAYLOAD = 'lxc.payload.';
