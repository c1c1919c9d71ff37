/** The name that tsenter is called by is how it speaks of itself; as nsenter it says what nsenter would (test/conformance/messages.test.ts). */
import { copyFileSync, linkSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, type RunOptions, run, tsenter } from '../support/command.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';

let files: Scratch;

beforeAll(() => {
  buildPrograms();
  files = scratch();
  for (const name of ['nsenter', 'nsenter.static', 'enter', 'nsenter2', 'line\nbreak', 'b\x1b[31mred'])
    symlinkSync(tsenter, `${files.path}/${name}`);
});

afterAll(() => {
  files?.[Symbol.dispose]();
});

async function messageOf(name: string, words: readonly string[], as: RunOptions = {}): Promise<string> {
  return (await run([`${files.path}/${name}`, ...words], as)).stderr.toString('latin1');
}

async function outputOf(name: string, word: string): Promise<string> {
  return (await run([`${files.path}/${name}`, word])).stdout.toString();
}

/** argv[0] apart from the file: bash sets it. */
function calledAs(argument: string, words: readonly string[]): Promise<Outcome> {
  return run(['/bin/bash', '-c', 'name=$1; shift; exec -a "$name" "$0" "$@"', tsenter, argument, ...words]);
}

const OF_A_SCREEN = ['-n', 'true'];
const OF_A_STEP = ['--net=/proc/self/ns/net', '/nonexistent'];

describe('messages begin with the name that it was called by', () => {
  it.each(['enter', 'nsenter2'])('%s', async (name) => {
    expect(await messageOf(name, OF_A_SCREEN)).toMatch(
      new RegExp(`^${name}: enter net namespace: no target`),
    );
    expect(await messageOf(name, OF_A_STEP)).toMatch(
      new RegExp(`^${name}: execute /nonexistent: No such file`),
    );
    expect(await messageOf(name, ['--foo'])).toBe(
      `${name}: parse option --foo: unknown option\nTry '${name} --help' for more information.\n`,
    );
    expect(await outputOf(name, '--help')).toContain(`\n ${name} [options]`);
    expect(await outputOf(name, '-V')).toMatch(/^tsenter \d/);
  });

  it.each(['line\nbreak', 'b\x1b[31mred'])('but for one that would act on a terminal: %j', async (name) => {
    expect(await messageOf(name, OF_A_SCREEN)).toMatch(/^tsenter: enter net/);
    expect(await messageOf(name, OF_A_STEP)).toMatch(/^tsenter: execute/);
  });

  it.each(['', '/', 'a/', '%ff', 'x'.repeat(256)])(
    'and for argv[0] that names nothing: %j',
    async (argument) => {
      expect((await calledAs(argument, OF_A_SCREEN)).stderr.toString()).toMatch(/^tsenter: enter net/);
      expect((await calledAs(argument, OF_A_STEP)).stderr.toString()).toMatch(/^tsenter: execute/);
    },
  );

  it('in colour, too', async () => {
    const as: RunOptions = { env: { FORCE_COLOR: '1' } };
    expect((await messageOf('enter', OF_A_SCREEN, as)).startsWith('\x1b[31m\x1b[1menter:\x1b')).toBe(true);
    expect((await messageOf('enter', OF_A_STEP, as)).startsWith('\x1b[31m\x1b[1menter:\x1b')).toBe(true);
  });
});

describe.each(['nsenter', 'nsenter.static'])('called as %s', (name) => {
  it("says nsenter's sentence first, and what to do on the second line", async () => {
    expect(await messageOf(name, OF_A_SCREEN)).toMatch(
      new RegExp(`^${name}: no target PID specified\n[A-Z][^\n]+--target[^\n]+\n$`),
    );
    expect(await messageOf(name, ['--net=/proc/self/ns/net', 'nonexistent'])).toMatch(
      new RegExp(`^${name}: failed to execute nonexistent: No such file or directory\n(?:[^\n]+\n)?$`),
    );
  });

  it('ends a usage error as nsenter does', async () => {
    expect((await calledAs(name, ['--foo'])).stderr.toString()).toBe(
      `${name}: unrecognized option '--foo'\nTry '${name} --help' for more information.\n`,
    );
  });

  it('escapes what it names', async () => {
    expect(await messageOf(name, ['--net=/proc/self/ns/net', '/a%0ab%1bc'])).toMatch(
      new RegExp(`^${name}: failed to execute /a\\\\x0ab\\\\x1bc: No such file`),
    );
    expect(await messageOf(name, ['--net=/a%0ab'])).toMatch(
      new RegExp(`^${name}: cannot open /a\\\\x0ab: No such`),
    );
  });

  it('has a sentence of its own where nsenter has none', async () => {
    expect(await messageOf(name, ['--net=/proc/self/ns/net', '--kill-child=X', 'true'])).toBe(
      `${name}: parse signal 'X' of --kill-child: not a signal\nTry '${name} --help' for more information.\n`,
    );
  });

  it('colours nothing', async () => {
    const as: RunOptions = { env: { FORCE_COLOR: '1' } };
    for (const words of [OF_A_SCREEN, OF_A_STEP, ['--help'], ['--foo']]) {
      const { stdout, stderr } = await run([`${files.path}/${name}`, ...words], as);
      expect(`${stdout}${stderr}`).not.toContain('\x1b');
    }
  });

  it('tells a version whose fourth word is one of util-linux, and what it is', async () => {
    const [first, second] = (await outputOf(name, '-V')).split('\n');
    expect(first).toBe(`${name} from util-linux 2.43`);
    expect(second).toMatch(/^tsenter \d+\.\d+\.\d+/);
  });

  it('has help in that name', async () => {
    expect(await outputOf(name, '-h')).toContain(`\n ${name} [options]`);
  });
});

// The launcher of Node is no file that can stand alone.
if (tsenter.includes('/native/'))
  it('a copy and a hard link are nsenter by their names', async () => {
    using place = scratch();
    copyFileSync(tsenter, `${place.path}/nsenter`);
    linkSync(`${place.path}/nsenter`, `${place.path}/nsenter.static`);
    for (const name of ['nsenter', 'nsenter.static']) {
      const { stderr } = await run([`${place.path}/${name}`, '-n', 'true']);
      expect(stderr.toString()).toMatch(new RegExp(`^${name}: no target PID specified\n`));
    }
  });
