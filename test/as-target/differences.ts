import type { Look } from './look.ts';

/** Of one field, what two looks tell; empty: it is not there. */
export interface Difference {
  field: string;
  engine: string;
  tsenter: string;
  /** undefined: nobody has said yet */
  why: string | undefined;
}

interface Reason {
  /** the beginning of a case's name; empty: all */
  of: string;
  field: RegExp;
  why: string;
}

const REASONS: readonly Reason[] = [
  {
    of: '',
    field: /^status Seccomp/,
    why: 'reading the filters stops the target for a moment, so they have to be asked for',
  },
  {
    of: 'docker exec',
    field: /^session keyring/,
    why: "docker's filter denies keyctl(2), so the engine's program cannot tell",
  },
  {
    of: '',
    field: /^session keyring/,
    why: "the engine joins the container's session keyring by its name, or keeps the caller's; here it is a new one, so that no program finds what another left in it",
  },
  {
    of: 'runc exec',
    field: /^fd/,
    why: 'the engine stands between the streams of the caller and the program; here the program has them as they are',
  },
  {
    of: 'crun exec',
    field: /^status NoNewPrivs/,
    why: "crun's exec takes no_new_privs from its command line only; the container has it",
  },
  { of: 'crun exec', field: /^session: /, why: "crun's exec begins a session for a terminal only" },
  {
    of: 'crun exec',
    field: /^cwd/,
    why: "crun's exec begins in / unless told; the container's process is there",
  },
  {
    of: 'podman exec',
    field: /^status Groups/,
    why: "podman's exec leaves out the primary group, which podman's run adds to the groups of the container's process",
  },
  {
    of: 'podman exec',
    field: /^limits open files/,
    why: "podman's exec raises the soft limit to the hard one; the container's process has the soft one that was asked for",
  },
  {
    of: 'podman exec',
    field: /^environ HOSTNAME/,
    why: "podman's exec leaves it out where a user was named; the container's process has it",
  },
  { of: 'lxc-attach', field: /^environ /, why: "lxc-attach keeps the caller's environment unless told" },
  { of: 'lxc-attach', field: /^session: /, why: 'lxc-attach begins no session without a terminal' },
  {
    of: 'lxc-attach',
    field: /^cwd/,
    why: "lxc-attach begins where the caller is, or in /; the container's process is there",
  },
  {
    of: 'lxc-attach',
    field: /^cgroup version 2/,
    why: 'lxc-attach makes a cgroup of its own below that of the container',
  },
  { of: 'lxc-attach', field: /^fd/, why: 'lxc-attach leaves a descriptor of its own open' },
];

export function differencesOf(name: string, engine: Look, tsenter: Look): Difference[] {
  const fields = [...new Set([...engine.keys(), ...tsenter.keys()])];
  return fields
    .map((field) => ({ field, engine: engine.get(field) ?? '', tsenter: tsenter.get(field) ?? '' }))
    .filter((difference) => difference.engine !== difference.tsenter)
    .map((difference) => ({
      ...difference,
      why: REASONS.find(({ of, field }) => name.startsWith(of) && field.test(difference.field))?.why,
    }));
}
