/** Runs paired.c, and names what it prints. */
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { environment, places } from './places.mjs';

const run = promisify(execFile);

/**
 * The first candidate is the reference of `ratio`; `toEmptyNode` is the ratio to the candidate of that name, and `toOther` to the one that
 * a candidate has in `to`. What it has in `slow` decides how often it is run. `within` are words before ours, `env` more environment.
 */
export async function measure(candidates, rounds, { within = [], env = {} } = {}) {
  const words = candidates.flatMap(({ slow, words }) => [',', slow ? rounds.slow : rounds.fast, ...words]);
  const [file, ...rest] = [...within, places.paired, randomInt(1, 2 ** 32), ...words].map(String);
  const { stdout } = await run(file, rest, { cwd: '/', env: { ...environment, ...env } });
  const results = JSON.parse(stdout);
  const emptyNode = candidates.findIndex(({ name }) => name === 'node empty.cjs');
  return candidates.map(({ name, words: command, to }, i) => {
    const { ratios, ...figures } = results[i];
    const other = candidates.findIndex((each) => each.name === to);
    return {
      name,
      command: command.join(' '),
      ...figures,
      ...(ratios?.[0] ? { ratio: ratios[0] } : {}),
      ...(ratios?.[emptyNode] ? { toEmptyNode: ratios[emptyNode] } : {}),
      ...(ratios?.[other] ? { toOther: ratios[other] } : {}),
    };
  });
}
