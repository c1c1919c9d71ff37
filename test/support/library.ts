import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { ProgramError } from 'tsenter';
import { expect } from 'vitest';
import { scratch } from './enter.ts';
import { repository } from './programs.ts';
import { startTarget, type Target } from './targets.ts';

/** What the library is to enter, with a host name and a PATH of its own. */
export function startInside(): Promise<Target> {
  return startTarget({
    namespaces: ['mount', 'pid', 'uts'],
    hostname: 'inside',
    root: 'pivot',
    env: { PATH: '/bin' },
  });
}

/** What run() rejects with where the program was executed. */
export async function failure(running: Promise<unknown>): Promise<ProgramError> {
  const error = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProgramError);
  return error as ProgramError;
}

/** How a program that uses the library ended. */
export interface Ended {
  stdout: string;
  stderr: string;
  code: number | null;
  signal: string | null;
}

/**
 * A program of JavaScript in a process of its own, for what would be this one's end, or depends on how Node was started.
 *
 * @param code has all of the library as `tsenter`
 */
export async function programEnds(
  code: string,
  how: { flags?: readonly string[]; openFiles?: number; under?: readonly string[] } = {},
): Promise<Ended> {
  using files = scratch();
  const path = `${files.path}/program.mjs`;
  writeFileSync(
    path,
    `import * as tsenter from ${JSON.stringify(`${repository}/dist/lib/index.js`)};\n${code}`,
  );
  const node = [...(how.under ?? []), process.execPath, ...(how.flags ?? []), path];
  return await ended(how.openFiles === undefined ? node : ['prlimit', `--nofile=${how.openFiles}`, ...node]);
}

export async function ended([program = '', ...words]: readonly string[]): Promise<Ended> {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (part: Buffer) => {
    texts.stdout += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    texts.stderr += part.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ ...texts, code, signal }));
  });
}
