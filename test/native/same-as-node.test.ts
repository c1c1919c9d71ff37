/**
 * One core on two hosts: the same command line gives the same plan, or the same error, on both.
 *
 * TSENTER_FUZZ_SEED is what a failure has printed.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFailed } from 'vitest';
import { mustRun, run } from '../support/command.ts';
import { idOf } from '../support/engine-states.ts';
import { scratch } from '../support/enter.ts';
import { literal } from '../support/launch.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { commandLine } from '../unit/support/command-lines.ts';
import { executable, missingExecutable } from './build.ts';

const node = `${repository}/dist/node/tsenter`;
const seed = Number(process.env.TSENTER_FUZZ_SEED ?? Date.now() % 0x7fff_ffff);

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  return existsSync(node) ? missingExecutable() : 'the command for Node was not built';
}

const reason = missing();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`same as Node: ${reason}`, () => undefined);

let target: Target;

beforeEach(() => {
  onTestFailed(() => console.log(`same as Node: TSENTER_FUZZ_SEED=${seed}`));
});

beforeAll(async () => {
  if (reason !== undefined) return;
  buildPrograms();
  target = await startTarget({ namespaces: ['uts', 'ipc', 'net', 'pid', 'mount'] });
});

afterAll(() => target?.stop());

/** What both tell alike: not which descriptors they have, and so how wide the column of the steps is. */
function comparable(output: Buffer): string {
  const seen = new Map<string, number>();
  const inOrder = (fd: string): string => {
    if (!seen.has(fd)) seen.set(fd, seen.size);
    return `fd${seen.get(fd)}`;
  };
  return output
    .toString('latin1')
    .replace(/(?<=^\S+=)\d+(?=:)|(?<=@)\d+|(?<=^ids-of=\d+:\/?)\d+/gm, inOrder)
    .replace(/ {2,}/g, '  ')
    .replace(/^host: .*/m, 'host');
}

async function explained(command: string, words: readonly string[]): Promise<object> {
  const { status, stdout, stderr } = await run([command, ...words.map(literal)]);
  return { status, stdout: comparable(stdout), stderr: comparable(stderr) };
}

/** Half of them name the target; the number that command-lines.ts has for one is its. */
const words = fc
  .tuple(fc.boolean(), commandLine)
  .map(([named, line]) => ['--explain=steps', ...(named ? ['-t', '1234'] : []), ...line]);

it.skipIf(reason !== undefined)(
  'explains, or refuses, any command line as the command for Node does',
  async () => {
    let entering = 0;
    await fc.assert(
      fc.asyncProperty(words, async (line) => {
        const actual = line.map((word) => word.replace(/1234/g, String(target.pid)));
        const [native, onNode] = await Promise.all([explained(executable, actual), explained(node, actual)]);
        if ('stdout' in native && String(native.stdout).includes('setns=')) entering++;
        expect(native).toEqual(onNode);
      }),
      { seed, numRuns: 150 },
    );
    // Otherwise only errors were compared.
    expect(entering).toBeGreaterThan(0);
  },
  300_000,
);

it
  .skipIf(reason !== undefined)
  .each([
    '-a',
    '-a -F sh',
    '-u -i -n -m -p /bin/true',
    '-a -c -e -r -w -S follow -G follow env',
    '--mount=/proc/self/ns/net true',
    '-m -W/tmp -S 5 --setgid 6 sh',
    '-t 0',
  ])('%s', async (line) => {
  for (const form of ['--explain', '--explain=json', '--explain=steps']) {
    const list = [form, '-t', String(target.pid), ...line.split(' ')];
    expect(await explained(executable, list)).toEqual(await explained(node, list));
  }
});

/** Of a container of docker's, as it writes them or nearly so. */
function configOf(id: string): fc.Arbitrary<string> {
  const text = fc.oneof(
    fc.string({ maxLength: 6 }).map((each) => JSON.stringify(each)),
    fc
      .array(
        fc.constantFrom(...String.raw`\\ \" \n \q \u0041 \u00e4 \u20AC \uD83D \ude00 \u12 / a`.split(' ')),
        { maxLength: 6 },
      )
      .map((parts) => `"/${parts.join('')}"`),
  );
  const word = fc.constantFrom(
    '0',
    '-1',
    '7',
    '007',
    '1.5',
    '1e3',
    '1.',
    '.5',
    '+1',
    'true',
    'false',
    'null',
    'nul',
  );
  const { any } = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      text,
      word,
      fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(' ,')}]`),
      fc
        .array(fc.tuple(text, tie('any')), { maxLength: 3 })
        .map((all) => `{${all.map((one) => one.join(':')).join()}}`),
    ),
  }));
  const member = (key: string, value: fc.Arbitrary<unknown>) => value.map((each) => `"${key}":${each}`);
  const state = fc.constantFrom(
    '{"Pid":0}',
    '{ "Running":true,"Pid":0 }',
    '{"Dead":true,"Pid":0,"Pid":0}',
    '{"Pid":1e0}',
  );
  const labels = member(
    'Labels',
    fc.constant('{"com.docker.compose.project":"a","com.docker.compose.service":"b","x":["]"]}'),
  );
  const config = fc.array(fc.oneof(labels, member('Image', text), member('Env', any)), { maxLength: 3 });
  const other = fc.oneof(
    member('Name', fc.oneof(text, fc.constant('"/a-b-1"'))),
    member('N\\u0061me', text),
    member('Path', any),
    member('Args', any),
    member(
      'Config',
      config.map((all) => `{${all.join(', ')}}`),
    ),
    fc.tuple(text, any).map((pair) => pair.join(' : ')),
  );
  const whole = fc
    .tuple(fc.array(other, { maxLength: 4 }), state, fc.array(other, { maxLength: 4 }))
    .map(([before, is, behind]) => `{${[...before, `"ID":"${id}","State":${is}`, ...behind].join(',\n')}}`);
  const wrong = fc.tuple(
    fc.nat(),
    fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', 'u', ' ', '\0', '\xff'),
  );
  return fc.tuple(whole, fc.option(wrong, { freq: 1 })).map(([right, where]) => {
    const at = where ? where[0] % right.length : 0;
    return where ? right.slice(0, at) + where[1] + right.slice(at + 1) : right;
  });
}

it.skipIf(reason !== undefined)(
  'picks the same from JSON texts, or finds the same ones malformed',
  async () => {
    using files = scratch();
    const ids = Array.from({ length: 2000 }, (_, index) => idOf(index));
    for (const [index, id] of ids.entries()) {
      const directory = `${files.path}/var/lib/docker/containers/${id}`;
      mkdirSync(directory, { recursive: true });
      const [config = ''] = fc.sample(configOf(id), { seed: seed + index, numRuns: 1 });
      writeFileSync(`${directory}/config.v2.json`, config, 'latin1');
    }
    const list = (command: string) => run([command, '--list=json', `--host-root=${files.path}`, 'docker:']);
    const [native, onNode] = await Promise.all([list(executable), list(node)]);
    expect(onNode.stderr.toString()).toBe('');
    const told = ({ stdout }: { stdout: Buffer }) => {
      const { targets, unseen }: { targets: { id: string }[]; unseen: string[] } = JSON.parse(
        stdout.toString(),
      );
      // What has one name is in the order of the directory, which Node sorts.
      const written = targets.filter(({ id }) => ids.includes(id));
      return { targets: written.sort((one, other) => (one.id < other.id ? -1 : 1)), unseen: unseen.sort() };
    };
    const { targets, unseen } = told(onNode);
    expect(told(native)).toEqual({ targets, unseen });
    // Most are right, and each kind was there.
    expect(targets.length).toBeGreaterThan(200);
    expect(unseen.length).toBeGreaterThan(20);
  },
  120_000,
);
