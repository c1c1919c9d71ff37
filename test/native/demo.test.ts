/** The demo, read to its end: where there is all that the builds can use, and as where there is neither musl nor busybox-static. */
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { scratch } from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { repository } from '../support/programs.ts';

async function demo(root: string, path: string): Promise<string> {
  const env = { ...defaultEnv, PATH: `${path}:${defaultEnv.PATH}` };
  const { status, stdout, stderr } = await run([process.execPath, `${root}/scripts/demo.mjs`], {
    env,
    timeout: 60_000,
  });
  expect(stderr.toString()).toBe('');
  expect(status).toBe(0);
  return stdout.toString();
}

/** The repository as without a native executable, and with a busybox that needs libraries. */
function withoutTools(root: string): void {
  for (const folder of ['bin', 'scripts', 'dist', 'path']) mkdirSync(`${root}/${folder}`);
  for (const file of ['bin/tsenter', 'scripts/demo.mjs', 'scripts/demo-container.mjs'])
    copyFileSync(`${repository}/${file}`, `${root}/${file}`);
  for (const folder of ['test', 'dist/node', 'dist/helper'])
    symlinkSync(`${repository}/${folder}`, `${root}/${folder}`);
  symlinkSync('/bin/true', `${root}/path/busybox`);
}

/** Without what is another one each time: numbers, and the columns after them. */
function lines(output: string): string[] {
  return output.split('\n').map((line) => line.replace(/\d+/g, 'N').replace(/ +/g, ' '));
}

it('says the same with all tools and without', async () => {
  using files = scratch();
  withoutTools(files.path);
  const all = await demo(repository, '/usr/bin');
  const few = await demo(files.path, `${files.path}/path`);
  expect(lines(few)).toEqual(lines(all));

  expect(all).not.toMatch(/not found|cannot open|Terminated|surprise|This demo expected/);
  expect(all.match(/^tsenter: .*/gm)).toEqual([
    'tsenter: execute no-such-program: No such file or directory',
    expect.stringMatching(/^tsenter: open target \d+: No such process$/),
  ]);
  for (const line of ['demo-container', 'Welcome to the container.', 'asked to end', 'a terminal'])
    expect(all.split(/\r?\n/)).toContain(line);
  expect(all).toMatch(/\nThat was all\. The container is gone again\.\n$/);
});

/** The commands and remarks of the demo: what they print differs with the tools of a machine. */
function told(recording: string): string[] {
  return recording
    .split('\n')
    .filter((line) => line.startsWith('\x1b[1m') || line.startsWith('\x1b[2m'))
    .map(stripVTControlCharacters);
}

/** The words of a picture, a line each; what is wider than the screen goes on in the next one. */
function drawn(svg: string): string {
  const texts = [...svg.matchAll(/<g id="l\d+">(.*)<\/g>/g)].map(([, line = '']) =>
    [...line.matchAll(/>([^<]+)<\/text>/g)].map(([, text]) => text).join(' '),
  );
  const characters: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return texts.join('\n').replace(/&(\w+);/g, (_, name: string) => characters[name] ?? '?');
}

it('the recording in the README is the demo as it is, and the same each time', {
  timeout: 60_000,
}, async () => {
  const record = () =>
    run([process.execPath, `${repository}/scripts/record.mjs`, '--print'], { env: defaultEnv });
  const [one, other] = [await record(), await record()];
  expect(one.stderr.toString()).toBe('');
  expect(other.stdout.toString()).toBe(one.stdout.toString());

  const shown = told(one.stdout.toString());
  expect(shown.length).toBeGreaterThan(20);
  // Of a machine's own namespaces the numbers are others.
  const plain = (text: string) => text.replace(/\s/g, '').replace(/\d+/g, 'N');
  const picture = plain(drawn(readFileSync(`${repository}/docs/demo.svg`, 'utf8')));
  for (const line of shown) expect(picture).toContain(plain(line));
});
