/** What a guest of another architecture has in the place of the host's own files. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../support/programs.ts';
import { fetchPackages } from './packages.ts';

export interface Userland {
  readonly tsenter: string;
  /** The directory of the static test programs. */
  readonly programs: string;
  readonly busybox: string;
  /** Path in the guest to a file or folder of the host: nsenter with its libraries. */
  readonly files: Readonly<Record<string, string>>;
  /** Shared with the machine in the place of the host's own root. */
  readonly host?: string;
}

const musl = '/usr/lib/aarch64-linux-musl';
export const arm64Tsenter = `${repository}/dist/native-aarch64/tsenter`;
const arm64Programs = `${repository}/dist/test-aarch64`;

/** Why nothing can be built for arm64 here. */
export function missingCompiler(): string | undefined {
  return existsSync(`${musl}/rcrt1.o`) ? undefined : 'needs musl-dev:arm64 and gcc-aarch64-linux-gnu';
}

/** Takes 20 s the first time. Under a lock: several test files may ask for it at the same time. */
export async function buildArm64Tsenter(): Promise<void> {
  const build = [process.execPath, `${repository}/scripts/build-native.mjs`, '--target=aarch64'];
  mkdirSync(`${repository}/dist`, { recursive: true });
  await promisify(execFile)('flock', [`${repository}/dist/.native-aarch64.lock`, ...build]);
}

async function buildForArm64(): Promise<Pick<Userland, 'tsenter' | 'programs'>> {
  await buildArm64Tsenter();
  await promisify(execFile)('make', [
    ...['-s', '-C', `${repository}/test/programs`, `OUT=${arm64Programs}`],
    `STATIC_CC=aarch64-linux-gnu-gcc -specs ${musl}/musl-gcc.specs`,
    'static',
  ]);
  return { tsenter: arm64Tsenter, programs: arm64Programs };
}

/** The reference is the nsenter that the table was written for, of the same suite as what it needs. */
export async function arm64Userland(): Promise<Userland> {
  const built = await buildForArm64();
  const packages = await fetchPackages(
    'bookworm',
    ['busybox-static', 'util-linux', 'libc6', 'libselinux1', 'libpcre2-8-0'],
    'arm64',
  );
  const libraries = [
    ...['ld-linux-aarch64.so.1', 'libc.so.6', 'libselinux.so.1'].map(
      (name) => `lib/aarch64-linux-gnu/${name}`,
    ),
    'usr/lib/aarch64-linux-gnu/libpcre2-8.so.0',
  ];
  return {
    ...built,
    busybox: `${packages}/bin/busybox`,
    files: {
      '/usr/bin/nsenter': `${packages}/usr/bin/nsenter`,
      ...Object.fromEntries(libraries.map((path) => [`/lib/${basename(path)}`, `${packages}/${path}`])),
    },
  };
}

/** For what is tried by Node: the tests, and a Debian that has what they call. */
export async function arm64Host(): Promise<Userland> {
  const built = await buildForArm64();
  const script = `${repository}/test/kernels/foreign-host.sh`;
  const { stdout } = await promisify(execFile)('bash', [script, 'trixie', 'arm64']);
  const host = stdout.trim();
  const names = ['dist/test/attacks.mjs', 'package.json', 'src', 'test', 'vitest.config.ts'];
  const paths = names.map((name) => `${repository}/${name}`);
  return {
    ...built,
    busybox: `${host}/usr/bin/busybox`,
    files: Object.fromEntries(paths.map((path) => [path, path])),
    host,
  };
}
