/** Each namespace, by every way to name it: what was named is entered, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  enter,
  entered,
  identityUser,
  type Namespaces,
  namespacesOf,
  probeInside,
  procName,
} from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { type NamespaceName, namespaceNames, startTarget, type Target } from '../support/targets.ts';

const letters: Readonly<Record<NamespaceName, string>> = {
  user: '-U',
  cgroup: '-C',
  ipc: '-i',
  uts: '-u',
  net: '-n',
  pid: '-p',
  mount: '-m',
  time: '-T',
};

let target: Target;
let other: Target;
let theirs: Namespaces;
let others: Namespaces;
let t: string;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({
    namespaces: namespaceNames,
    user: identityUser,
    hostname: 'inside',
    timeOffset: 1000,
  });
  other = await startTarget({ namespaces: namespaceNames.filter((name) => name !== 'user') });
  theirs = namespacesOf(target.pid);
  others = namespacesOf(other.pid);
  t = String(target.pid);
});

afterAll(async () => {
  await target?.stop();
  await other?.stop();
});

it('the target shares no namespace with the test', () => {
  const own = namespacesOf('self');
  for (const name of namespaceNames) expect(theirs[procName(name)]).not.toBe(own[procName(name)]);
});

/** How the words for one namespace can be written; `file` is what stands below /proc/PID. */
const forms: Readonly<Record<string, (name: NamespaceName, file: string) => string[]>> = {
  'the letter, target behind it': (name) => [letters[name], '-t', t],
  'the letter, target glued': (name) => [`-t${t}`, letters[name]],
  'the long name': (name) => [`--target=${t}`, `--${name}`],
  // --us could be --user-parent as well, and --ne --net-socket.
  'an abbreviation': (name) => [
    '--targ',
    t,
    ['user', 'net'].includes(name) ? `--${name}` : `--${name.slice(0, 2)}`,
  ],
  'a file of the long option': (name, file) => [`--${name}=/proc/${t}/${file}`],
  'a glued file': (name, file) => [`${letters[name]}/proc/${t}/${file}`],
  'a file behind = of the letter': (name, file) => [`${letters[name]}=/proc/${t}/${file}`],
  'a relative file': (name, file) => [`--${name}=${t}/${file}`],
  'a file through another path': (name, file) => [`--${name}=/proc/self/../${t}/task/${t}/${file}`],
};

describe.each(namespaceNames)('%s', (name) => {
  it.each(Object.entries(forms))('by %s', async (form, words) => {
    const named = words(name, `ns/${procName(name)}`);
    const around = form === 'a relative file' ? { cwd: '/proc' } : {};
    expect((await probeInside(named, around)).ns).toEqual(entered(theirs, [name]));
  });

  it('twice is once, the last counts', async () => {
    const file = `/proc/${t}/ns/${procName(name)}`;
    const own = `/proc/self/ns/${procName(name)}`;
    const report = await probeInside([`--${name}=${own}`, `--${name}=${file}`]);
    expect(report.ns).toEqual(entered(theirs, [name]));
  });
});

it.each(['pid', 'time'] as const)('%s by the file for children', async (name) => {
  const report = await probeInside([`--${name}=/proc/${t}/ns/${name}_for_children`]);
  expect(report.ns).toEqual(entered(theirs, [name]));
});

/** Every pair, both orders of the words. */
const pairs = namespaceNames.flatMap((one) =>
  namespaceNames.filter((two) => two !== one).map((two) => [one, two] as const),
);

it.each(pairs.filter((_, index) => index % 3 === 0))('%s and %s', async (one, two) => {
  const report = await probeInside(['-t', t, letters[one], letters[two]]);
  expect(report.ns).toEqual(entered(theirs, [one, two]));
});

const allForms: readonly (readonly [string, () => string[]])[] = [
  ['--all', () => ['--target', t, '--all']],
  ['-a', () => ['-a', '-t', t]],
  ['a cluster with the target', () => [`-at${t}`]],
  ['a cluster with the target behind it', () => ['-aet', t]],
  ['every letter', () => ['-t', t, ...Object.values(letters)]],
  ['every letter, backwards', () => [...Object.values(letters).reverse(), '-t', t]],
  ['every file', () => namespaceNames.map((name) => `--${name}=/proc/${t}/ns/${procName(name)}`)],
  ['every file, backwards', () => namespaceNames.map((n) => `--${n}=/proc/${t}/ns/${procName(n)}`).reverse()],
  ['--all and some of them by name', () => ['-a', '-t', t, '-n', '-p', '-U', '-m']],
];

it.each(allForms)('all by %s', async (_, words) => {
  const report = await probeInside(words());
  expect(report.ns).toEqual(theirs);
  expect(report.hostname).toBe('inside');
});

it('a cluster with --no-fork', async () => {
  const report = await probeInside([`-aFt${t}`]);
  expect(report.ns).toEqual({ ...theirs, pid: namespacesOf('self').pid });
});

it('-T shows the clocks of the target', async () => {
  const [inside, outside] = [await probeInside(['-t', t, '-T']), await probeInside(['-t', t, '-u'])];
  expect(inside.boottime - outside.boottime).toBeGreaterThan(900);
});

it('namespaces of two processes', async () => {
  const o = `/proc/${other.pid}/ns`;
  const report = await probeInside(['-t', t, '-n', `-u${o}/uts`, '-i', `--time=${o}/time`]);
  const expected = entered(theirs, ['net', 'ipc']);
  expect(report.ns).toEqual({
    ...expected,
    uts: others.uts,
    time: others.time,
    time_for_children: others.time,
  });
});

it.each(namespaceNames.filter((name) => name !== 'user'))('--all, but %s by file', async (name) => {
  const report = await probeInside(['-a', '-t', t, `--${name}=/proc/${other.pid}/ns/${procName(name)}`]);
  const expected: Record<string, string> = { ...theirs, [procName(name)]: others[procName(name)] };
  if (name === 'pid' || name === 'time') expected[`${name}_for_children`] = others[name];
  expect(report.ns).toEqual(expected);
});

it('--all into a target that has but one namespace of its own', async () => {
  await using plain = await startTarget({ namespaces: ['uts'] });
  const outcome = await enter(['-a', '-t', String(plain.pid), 'readlink', '/proc/self/ns/uts']);
  expect(outcome.stdout.toString()).toBe(`${namespacesOf(plain.pid).uts}\n`);
  const report = await probeInside(['-a', '-t', String(plain.pid)]);
  expect(report.ns).toEqual(entered(namespacesOf(plain.pid), ['uts']));
});

it.each(namespaceNames.filter((name) => name !== 'user'))('%s, though it is the own one', async (name) => {
  const report = await probeInside([letters[name], '-t', String(process.pid)]);
  expect(report.ns).toEqual(namespacesOf('self'));
});

it('without a namespace: only root, directory or ids', async () => {
  expect((await probeInside(['-w/'])).ns).toEqual(namespacesOf('self'));
  expect((await probeInside(['-S', '5', '-G', '6'])).ns).toEqual(namespacesOf('self'));
});
