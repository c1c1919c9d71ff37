/** Whatever may stand before the `:` of a name: the engines (engines/table.ts), in their order, and the files of ip-netns(8). */
export const SCHEMES: readonly string[] = [
  'docker',
  'podman',
  'pod',
  'containerd',
  'lxc',
  'runc',
  'crun',
  'machine',
  'unit',
  'netns',
];

/** There are hundreds of these on many systems, and they are no containers: they are listed for who names their scheme. */
export const ON_DEMAND: readonly string[] = ['unit', 'netns'];
