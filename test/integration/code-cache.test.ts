/** The Node build with the code cache beside its bundle, without, and with one that does not fit (src/hosts/node/start.ts). */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository } from '../support/programs.ts';

const run = promisify(execFile);
const temporary = mkdtempSync(join(tmpdir(), 'tsenter-cache-'));
const node = `${temporary}/dist/node`;
const hook = `${temporary}/hook.cjs`;
let cache: string;

beforeAll(() => {
  for (const folder of ['dist/node', 'dist/helper'])
    cpSync(`${repository}/${folder}`, `${temporary}/${folder}`, { recursive: true });
  symlinkSync(`${repository}/node_modules`, `${temporary}/node_modules`);
  const names = readdirSync(node).filter((name) =>
    name.endsWith(`-${process.version}-${process.arch}.cache`),
  );
  expect(names).toHaveLength(1);
  cache = `${node}/${names[0]}`;
  writeFileSync(
    hook,
    `const vm = require('node:vm');
    vm.Script = class extends vm.Script {
      constructor(...values) {
        super(...values);
        require('node:fs').writeSync(2, 'rejected: ' + this.cachedDataRejected);
      }
    };`,
  );
});

afterAll(() => rmSync(temporary, { recursive: true }));

/** What V8 says of the cache, and that the command works whatever it says. */
async function rejected(): Promise<string> {
  const entered = await run(`${node}/tsenter`, ['-w/', '/bin/sh', '-c', 'pwd']);
  expect(entered).toEqual({ stdout: '/\n', stderr: '' });
  const { stderr } = await run(process.execPath, ['--require', hook, `${node}/tsenter.cjs`, '--version']);
  return stderr;
}

describe('the code cache', () => {
  it('that was built is taken', async () => {
    expect(await rejected()).toBe('rejected: false');
  });

  it.each<[string, (built: Buffer) => Uint8Array]>([
    ['is empty', () => Buffer.alloc(0)],
    ['was cut off', (built) => built.subarray(0, built.length / 2)],
    ['is something else', (built) => Buffer.alloc(built.length, 'x')],
  ])('that %s is refused, and the bundle compiled', async (_, change) => {
    const built = readFileSync(cache);
    writeFileSync(cache, change(built));
    try {
      expect(await rejected()).toBe('rejected: true');
    } finally {
      writeFileSync(cache, built);
    }
  });

  it('of another bundle is refused', async () => {
    const bundle = readFileSync(`${node}/command.cjs`, 'utf8');
    writeFileSync(`${node}/command.cjs`, `${bundle}\n`);
    try {
      expect(await rejected()).toBe('rejected: true');
    } finally {
      writeFileSync(`${node}/command.cjs`, bundle);
    }
  });

  it('is made again, byte for byte, where the package is', async () => {
    const built = readFileSync(cache);
    cpSync(`${repository}/scripts/code-cache.mjs`, `${temporary}/scripts/code-cache.mjs`);
    rmSync(cache);
    expect(await run(process.execPath, [`${temporary}/scripts/code-cache.mjs`])).toEqual({
      stdout: '',
      stderr: '',
    });
    expect(readFileSync(cache).equals(built)).toBe(true);
  });

  it('may be missing', async () => {
    const built = readFileSync(cache);
    rmSync(cache);
    try {
      expect(await rejected()).toBe('rejected: undefined');
    } finally {
      writeFileSync(cache, built);
    }
  });
});
