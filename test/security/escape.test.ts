/** Names that the target or the file system made up, on the terminal and in the log of whoever enters. */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { escapeControls } from '../../src/sys/escape.ts';
import { mustRun } from '../support/command.ts';
import { enter, someone, startActor } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget } from '../support/targets.ts';

beforeAll(buildPrograms);

/** A title, a cleared screen, a line of its own, C1 in both forms, and letters. */
const evil = '\x1b]0;evil\x07\x1b[2J\r\n\x7f\xc2\x9b31m\x9b\xc3\xa9';
const shown = '\\x1b]0;evil\\x07\\x1b[2J\\x0d\\x0a\\x7f\\xc2\\x9b31m\\x9b\xc3\xa9';

/** Percent-encoded, as run() takes words that are no Unicode. */
const word = (text: string): string =>
  [...text]
    .map((c) => (/[\w/=-]/.test(c) ? c : `%${c.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('');

const controls = (text: string): string[] => [...text].filter((c) => c < ' ' || (c >= '\x7f' && c < '\xa0'));

const latin1 = (bytes: Buffer): string => bytes.toString('latin1');

describe('what is escaped in a message', () => {
  it('of TypeScript: a path of the caller', async () => {
    const { stderr } = await enter([word(`--net=/${evil}`)]);
    expect(latin1(stderr)).toBe(`tsenter: open net namespace /${shown}: No such file or directory\n`);
  });

  it('of C: a program', async () => {
    const { stderr, status } = await enter(['-w/', word(`/${evil}`)]);
    expect(latin1(stderr)).toBe(`tsenter: execute /${shown}: No such file or directory\n`);
    expect(status).toBe(127);
  });

  it('of C: a directory inside, and whose namespaces were entered', async () => {
    await using target = await startTarget({ namespaces: ['mount'], root: 'pivot' });
    const outcome = await enter(['-t', String(target.pid), '-m', word(`-W/${evil}`), 'true']);
    expect(latin1(outcome.stderr)).toContain(`/${shown}`);
    expect(latin1(outcome.stderr)).toMatch(/^tsenter: [^\n]+: No such file or directory\n$/);
  });

  it('the same by both', async () => {
    const texts = [
      ...Array.from({ length: 8 }, (_, row) =>
        String.fromCharCode(...Array.from({ length: 32 }, (_, column) => row * 32 + column || 1)),
      ),
      'a\xe2\x82A\xc3',
      '\xe2\x1b\x82\xed\xa0\x80\xed\x9f\xbf',
      '\xf4\x8f\xbf\xbf\xf4\x90\x80\x80\xf0\x8f\xbf\xbf\xf0\x90\x80\x80',
      '\xc0\x9b\xc1\xbf\xe0\x9f\xbf\xe0\xa0\x80\xc2\x9f\xc2\xa0',
      'dev-disk\\x2dby.slice\\',
    ];
    for (const text of texts) {
      const ofTypeScript = latin1((await enter([word(`--net=/none/${text}`)])).stderr);
      expect(ofTypeScript).toContain(` /none/${escapeControls(text)}: `);
      const ofC = latin1((await enter(['-w/', word(`/none/${text}`)])).stderr);
      expect(ofC).toContain(` /none/${escapeControls(text)}: `);
    }
  });

  it('a long one is cut between characters', async () => {
    for (const more of ['', 'a', 'aa', 'aaa']) {
      const { stderr } = await enter(['-w/', word(`/${more}${'\xe6\x97\xa5'.repeat(6000)}`)]);
      const text = new TextDecoder('utf8', { fatal: true }).decode(stderr);
      expect(text).toMatch(/^tsenter: execute \/a*日+\.\.\.: File name too long\n$/);
    }
  });

  it('the shell that the environment of the target names', async () => {
    await using target = await startActor(['stay'], {
      env: { SHELL: '/\x1b[2J\n\u009b' },
    });
    const words = ['-t', String(target.number), '-r/proc/self/fdinfo', '-e'];
    expect(latin1((await enter(words)).stderr)).toMatch(
      /^tsenter: execute \/\\x1b\[2J\\x0a\\xc2\\x9b: No such file or directory\nNo shell was found inside: [^\n]+\n$/,
    );
    const { stdout } = await enter(['--explain=steps', ...words]);
    expect(latin1(stdout)).toContain('shell=/\\x1b[2J\\x0a\\xc2\\x9b');
  });

  it('the shell that the passwd file inside names', async () => {
    await using target = await startTarget({ namespaces: ['mount'], root: 'pivot' });
    const root = `/proc/${target.pid}/root`;
    const line = `root:x:0:0::/:/${evil.replace('\n', '')}\n`;
    writeFileSync(`${root}/etc/passwd`, Buffer.from(line, 'latin1'));
    await enter([
      '-t',
      String(target.pid),
      '-m',
      '/bin/busybox',
      'rm',
      '-f',
      '/bin/sh',
      '/bin/bash',
      '/bin/ash',
    ]);
    const { stderr } = await enter(['-t', String(target.pid), '-m'], { env: {} });
    expect(latin1(stderr)).toMatch(/^tsenter: execute [^\n]+: No such file or directory\n[^\n]+\n$/);
    expect(latin1(stderr)).toContain(` /${shown.replace('\\x0a', '')}: `);
  });

  it('the name of a cgroup', async (context) => {
    const mount = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .find((fields) => fields[3] === '/' && fields[fields.indexOf('-') + 1]?.startsWith('cgroup'));
    if (mount?.[4] === undefined) {
      mustRun('needs a cgroup hierarchy', context);
      return;
    }
    const name = `tsenter-test-${process.pid}-\x1b[2J\x9b`;
    const path = Buffer.from(`${mount[4]}/${name}`, 'latin1');
    mkdirSync(path);
    try {
      await using target = await startTarget({
        namespaces: ['uts'],
        startedBy: someone,
        user: {
          uidMap: `0 ${someone} 1`,
          gidMap: `0 ${someone} 1`,
          setgroups: 'deny',
        },
      });
      writeFileSync(Buffer.concat([path, Buffer.from('/cgroup.procs')]), String(target.pid));
      const words = ['-t', String(target.pid), '-U', '--preserve-credentials', '-c', 'true'];
      const refused = await enter(words, { uid: someone, gid: someone });
      const escaped = `tsenter-test-${process.pid}-\\x1b[2J\\x9b`;
      const lines = latin1(refused.stderr).split('\n');
      expect(lines).toHaveLength(3);
      expect(lines[0]).toContain(escaped);
      expect(lines[1]).toMatch(/^Needs write permission for /);
      expect(lines[1]).toContain(`${escaped}/cgroup.procs.`);
      const explained = await enter(['--explain=steps', ...words]);
      expect(latin1(explained.stdout)).toContain(escaped);
      expect(controls(latin1(explained.stdout).replace(/\n/g, ''))).toEqual([]);
    } finally {
      rmdirSync(path);
    }
  });
});

describe('--explain=steps', () => {
  it.each(['0', '1'])('escapes the words of the program, with FORCE_COLOR=%s', async (colour) => {
    const env = { FORCE_COLOR: colour, PATH: '/bin' };
    const { stdout } = await enter(['--explain=steps', '-w/', 'sh', '-c', word(evil)], { env });
    const lines = latin1(stdout).split('\n');
    expect(lines.at(-1)).toBe('');
    const last = lines.at(-2) ?? '';
    expect(last).toContain(`-- sh -c ${shown}`);
    expect(controls(last)).toEqual(colour === '0' ? [] : ['\x1b', '\x1b']);
  });
});
