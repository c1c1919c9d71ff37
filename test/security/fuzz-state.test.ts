/**
 * State files of engines with anything in them: never a crash, a hang or an internal error, and never a process that is not proven. As
 * fuzz.test.ts: TSENTER_FUZZ_SECONDS and TSENTER_FUZZ_SEED.
 */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StateFiles } from '../../src/target/engines/state-files.ts';
import { ENGINES } from '../../src/target/engines/table.ts';
import { tsenter } from '../support/command.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { startExecutor } from '../support/execute.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { FakeSys } from '../unit/support/fake-sys.ts';

const seconds = Number(process.env.TSENTER_FUZZ_SECONDS ?? 4);
const seed = Number(process.env.TSENTER_FUZZ_SEED ?? Date.now() % 0x7fff_ffff);
const timeout = seconds * 1000 + 300_000;
const limits = {
  seed,
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: seconds * 1000,
  markInterruptAsFailure: false,
} as const;

const ID = 'a1b2c3d4e5f60718'.repeat(4);
const TASK = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}`;
const OVERLAY = 'overlay-containers';

let target: Target;
let host: Scratch;
let onlyNode: Scratch;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['uts', 'mount'], hostname: 'inside' });
  host = scratch();
  onlyNode = scratch();
  symlinkSync(process.execPath, `${onlyNode.path}/node`);
});

afterAll(async () => {
  await target?.stop();
  host?.[Symbol.dispose]();
  onlyNode?.[Symbol.dispose]();
});

/** Files as the engines write them; the process that they tell of is this one, and nothing proves it. */
function genuine(pid: number): Readonly<Record<string, string>> {
  const state = { Running: true, Pid: pid, Paused: false };
  const notes = { 'container-type': 'container', 'sandbox-namespace': 'a', 'sandbox-name': 'b' };
  const annotations = Object.entries(notes).map(([key, text]) => [`io.kubernetes.cri.${key}`, text]);
  return {
    '/run/runc/web/state.json': JSON.stringify({ init_process_pid: pid, init_process_start: 1 }),
    '/run/crun/web/status': JSON.stringify({ pid, 'process-start-time': 1 }),
    '/etc/docker/daemon.json': JSON.stringify({ 'data-root': '/var/lib/docker' }),
    [`/var/lib/docker/containers/${ID}/config.v2.json`]: JSON.stringify({ ID, Name: '/web', State: state }),
    '/etc/containers/storage.conf': '[storage]\ngraphroot = "/graph"\nrunroot = "/run/c"\n',
    [`/graph/${OVERLAY}/containers.json`]: JSON.stringify([{ id: ID, names: ['web'] }]),
    [`/run/c/${OVERLAY}/${ID}/userdata/pidfile`]: String(pid),
    [`${TASK}/init.pid`]: String(pid),
    [`${TASK}/config.json`]: JSON.stringify({ annotations: Object.fromEntries(annotations) }),
    '/run/systemd/machines/web': `NAME=web\nSCOPE=web.scope\nLEADER=${pid}\n`,
    '/sys/fs/cgroup/cgroup.procs': '',
    '/sys/fs/cgroup/lxc.payload.web/cgroup.procs': `${pid}\n`,
    '/sys/fs/cgroup/web.service/cgroup.procs': `${pid}\n`,
  };
}

/** A file of these with pieces put in, taken out, or another file's text; or anything at all. */
const mutation = fc.record({
  which: fc.nat(),
  from: fc.nat(),
  length: fc.nat({ max: 20 }),
  piece: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }),
    fc.constantFrom(
      ...['{', '}', '[', ']', '"', ',', ':', '\0', '-', '1e309', '1e-9', 'null', '"Pid":', '\\u0000'],
    ),
    fc.constantFrom('['.repeat(2000), '{"a":'.repeat(2000), '9'.repeat(400), '\n', '[storage]', 'true'),
    fc.json({ maxDepth: 4 }),
  ),
  whole: fc.boolean(),
});
const mutations = fc.array(mutation, { minLength: 1, maxLength: 6 });

type Change = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never;

function apply(files: Readonly<Record<string, string>>, changes: readonly Change[]): Record<string, string> {
  const changed = { ...files };
  const paths = Object.keys(files);
  for (const { which, from, length, piece, whole } of changes) {
    const path = paths[which % paths.length] ?? '';
    const text = changed[path] ?? '';
    const at = from % (text.length + 1);
    changed[path] = whole ? piece : text.slice(0, at) + piece + text.slice(at + length);
  }
  return changed;
}

const NAMES = [
  'web',
  'runc:web',
  'docker:web',
  ID.slice(0, 3),
  'pod:a/b',
  'podman:web',
  'lxc:web',
  'unit:web',
  'crun:web',
];

it('every engine takes what it finds for a container or for nothing', { timeout }, () => {
  let count = 0;
  fc.assert(
    fc.property(mutations, fc.constantFrom(undefined, 'web', 'a', ''), (changes, wanted) => {
      count++;
      const sys = new FakeSys();
      for (const [path, text] of Object.entries(apply(genuine(7), changes))) {
        sys.files.set(path, { text });
        for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1))
          sys.files.set(path.slice(0, at), {});
      }
      const files = new StateFiles(sys, undefined);
      for (const engine of ENGINES)
        for (const { scheme, id, names, pid } of engine.find(files, wanted)) {
          expect(scheme).toBe(engine.scheme);
          expect([scheme, id, ...names].filter((name) => typeof name !== 'string' || name === '')).toEqual(
            [],
          );
          expect(names.join()).not.toContain('undefined');
          expect(Number.isSafeInteger(pid) && pid >= 0).toBe(true);
        }
      expect(sys.stillOpen()).toEqual([]);
    }),
    limits,
  );
  console.log(`fuzz: state files, in memory: ${count} executions, no failure, TSENTER_FUZZ_SEED=${seed}`);
});

it('who is named by them is entered when that is proven, and not otherwise', { timeout }, async () => {
  let count = 0;
  await using executor = startExecutor(tsenter, { env: { PATH: onlyNode.path } });
  const words = (name: string) => ['--host-root', host.path, '-t', name, program('probe'), 'exit', '7'];
  const files = genuine(target.pid);
  for (const path of Object.keys(files)) mkdirSync(dirname(`${host.path}${path}`), { recursive: true });
  await fc.assert(
    fc.asyncProperty(mutations, fc.constantFrom(...NAMES), async (changes, name) => {
      count++;
      for (const [path, text] of Object.entries(apply(files, changes)))
        writeFileSync(`${host.path}${path}`, Buffer.from(text, 'utf8'));
      const { status, signal, hung, message } = await executor.execute(words(name));
      expect({ status, signal, hung }).toEqual({ status: 1, signal: 0, hung: false });
      expect(message).toMatch(/^tsenter: [a-z]+ [^\n]*: [^\n]+\n(?:[^\n]+\n)?$/);
      expect(message).not.toMatch(/internal error/);
    }),
    limits,
  );
  console.log(`fuzz: state files: ${count} executions, no failure, TSENTER_FUZZ_SEED=${seed}`);
  // So that it bites: with the start that the process has, it is entered.
  const start = readFileSync(`/proc/${target.pid}/stat`, 'latin1').split(' ')[21];
  for (const path of Object.keys(files)) writeFileSync(`${host.path}${path}`, '');
  const state = { init_process_pid: target.pid, init_process_start: Number(start) };
  writeFileSync(`${host.path}/run/runc/web/state.json`, JSON.stringify(state));
  expect((await executor.execute(words('runc:web'))).status).toBe(7);
});
