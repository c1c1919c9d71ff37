/** The manual as people see it: rendered at 80 columns by each of the programs that do. */
import { describe, expect, it } from 'vitest';
import { mustRun, run } from '../support/command.ts';
import { has } from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { commandsOf, manual } from '../support/manual.ts';

const WIDTH = 80;
/** Letters of a line, with what makes them bold or underlined taken away. */
const BACK = String.fromCharCode(8);
const ESCAPE = String.fromCharCode(27);
const plain = (line: string): string =>
  line.replace(new RegExp(`.${BACK}`, 'gu'), '').replace(new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g'), '');

const renderers: readonly (readonly [name: string, ...command: string[]])[] = [
  ['mandoc', '/usr/bin/mandoc', '-T', 'utf8', '-O', `width=${WIDTH - 2}`, manual],
  ['man', '/usr/bin/man', '--warnings=w', '-l', manual],
  ['groff', '/usr/bin/groff', '-ww', '-mdoc', '-T', 'utf8', manual],
];

const there = renderers.filter(([name, path = '']) => has(path) || mustRun(`${name} is not installed`));

describe.each(there)('by %s', (_, ...command) => {
  async function rendered(): Promise<readonly string[]> {
    const env = { ...defaultEnv, MANWIDTH: String(WIDTH), MANPAGER: 'cat', LC_ALL: 'C.UTF-8' };
    const { status, stdout, stderr } = await run(command, { env });
    expect(stderr.toString()).toBe('');
    expect(status).toBe(0);
    return stdout.toString().split('\n').map(plain);
  }

  it('no line is longer than a terminal', async () => {
    expect((await rendered()).filter((line) => [...line].length > WIDTH)).toEqual([]);
  });

  it('no column is one word wide', async () => {
    const lines = await rendered();
    const narrow = lines.filter(
      (line, index) => /^ {40,}\S+$/.test(line) && /^ {40,}\S+$/.test(lines[index + 1] ?? ''),
    );
    expect(narrow).toEqual([]);
  });

  it('commands are as they are typed', async () => {
    const lines = (await rendered()).map((line) => line.trim());
    const typed = commandsOf('EXAMPLES').flatMap((command) => `$ ${command}`.split('\n'));
    expect(typed.length).toBeGreaterThan(0);
    expect(typed.map((line) => line.trim()).filter((line) => !lines.includes(line))).toEqual([]);
  });

  it('each exit status has its line', async () => {
    const text = (await rendered()).join('\n');
    for (const status of ['1 +tsenter itself failed', '126 +program was found', '127 +program was not found'])
      expect(text).toMatch(new RegExp(`^ +${status}`, 'm'));
  });

  it('words that are macros of the language are there', async () => {
    expect((await rendered()).join(' ').replace(/\s+/g, ' ')).toContain(
      '/proc/1/ns/net: No such file or directory',
    );
  });
});
