/** The packages as `npm run package` makes them, and how they are tried. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { arch, homedir, tmpdir } from 'node:os';
import { repository } from '../support/programs.ts';

export const directory = `${repository}/dist/packages`;
export const { version } = JSON.parse(readFileSync(`${repository}/package.json`, 'utf8')) as {
  version: string;
};
export const cpu = arch();
export const [machine, debian] = cpu === 'arm64' ? ['aarch64', 'arm64'] : ['x86_64', 'amd64'];

/** The first lines of --version: of which commit the packages are is told where the tree is a checkout. */
export function told(): string {
  const { stdout } = spawnSync(`${repository}/dist/native/tsenter`, ['--version'], { encoding: 'utf8' });
  return stdout.slice(0, stdout.indexOf('host:'));
}

/** Why no packages can be made here. */
export function missing(): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, [`${repository}/scripts/package.mjs`, '--check'], {
    encoding: 'utf8',
  });
  return status === 0 ? undefined : stderr.trim();
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of an error, where the command may fail. */
  readonly mayFail?: boolean;
}

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command to its end, as a user would type it; one that fails is an error with all that it has written. */
export function type(
  words: readonly string[],
  { cwd = '/', env, mayFail = false }: RunOptions = {},
): Promise<Ran> {
  const [command = '', ...rest] = words;
  const child = spawn(command, rest, {
    cwd,
    env: { ...environment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (status === 0 || mayFail) resolve({ status, stdout, stderr });
      else reject(new Error(`${words.join(' ')}: ${signal ?? `status ${status}`}\n${stdout}${stderr}`));
    });
  });
}

/** Of those of vitest none. npm gets the certificates of the system, which know of a proxy. */
function environment(): Record<string, string> {
  const kept = [
    'PATH',
    'HOME',
    'TMPDIR',
    'npm_config_registry',
    'XDG_CACHE_HOME',
    'http_proxy',
    'https_proxy',
    'no_proxy',
  ];
  const certificates = '/etc/ssl/certs/ca-certificates.crt';
  return {
    ...Object.fromEntries(
      kept.flatMap((name) => [[name, process.env[name] ?? '']]).filter(([, value]) => value),
    ),
    ...(existsSync(certificates) && { npm_config_cafile: certificates }),
    npm_config_cache: `${process.env.XDG_CACHE_HOME ?? `${homedir()}/.cache`}/tsenter-test/npm`,
    npm_config_fetch_retries: '1',
    npm_config_prefer_offline: 'true',
  };
}

/** Why npm cannot install what is not in its cache. */
export function withoutRegistry(): string | undefined {
  const { status, stderr } = spawnSync('npm', ['view', 'koffi', 'version'], {
    encoding: 'utf8',
    env: environment(),
  });
  return status === 0 ? undefined : `npm’s registry cannot be asked: ${stderr.trim().split('\n')[0]}`;
}

export interface Place extends Disposable {
  readonly path: string;
}

/** A directory of one test. What is mounted there is gone with the command that mounted it. */
export function place(): Place {
  const path = mkdtempSync(`${tmpdir()}/tsenter-package-`);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** What a script in the cache directory has fetched, or why it could not. */
export function fetched(script: string, ...words: readonly string[]): { path: string } | { reason: string } {
  const { status, stdout, stderr } = spawnSync('bash', [`${repository}/test/packages/${script}`, ...words], {
    encoding: 'utf8',
    env: environment(),
  });
  if (status === 0) return { path: stdout.trim() };
  return { reason: `${script} ${words.join(' ')} could not fetch it: ${stderr.trim().split('\n').at(-1)}` };
}
