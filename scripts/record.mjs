// Records the demo (scripts/demo.mjs) on a terminal, and writes docs/demo.svg. With --print it writes what was recorded to the standard output.
import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from '@lydell/node-pty';
import { terminalSvg } from './terminal-svg.mjs';
import { readWords, refuseRest } from './words.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { given, rest } = readWords(process.argv.slice(2), process.env, { flags: ['print'] });
refuseRest(rest, ['--print']);

const text = alikeEachTime(await recorded());
if (given.has('print')) process.stdout.write(text);
else
  writeFileSync(
    `${root}/docs/demo.svg`,
    terminalSvg(text, 'npm run demo: entering a container with tsenter'),
  );

function recorded() {
  const { NO_COLOR, ...env } = process.env;
  const terminal = spawn(process.execPath, [`${root}/scripts/demo.mjs`], { cols: 200, rows: 50, env });
  let output = '';
  terminal.onData((data) => {
    output += data;
  });
  return new Promise((resolve, reject) => {
    terminal.onExit(({ exitCode }) => {
      if (exitCode === 0) resolve(output.replaceAll('\r\n', '\n'));
      else reject(new Error(`the demo ended with ${exitCode}:\n${output}`));
    });
  });
}

/** Numbers that the kernel gives, and the name of this machine, are others each time: the rest is as it was written. */
function alikeEachTime(output) {
  const [, pid] = /Process (\d+) is our container/.exec(output) ?? [];
  const inodes = new Map();
  // Those of the first namespaces are constants of the kernel, below this.
  const FIRST_OF_OTHERS = 4026532000;
  return output
    .replaceAll(new RegExp(`\\b${pid}\\b`, 'g'), '4242')
    .replaceAll(/(?<=:\[)\d+(?=\])/g, (inode) => {
      if (Number(inode) < FIRST_OF_OTHERS) return inode;
      if (!inodes.has(inode)) inodes.set(inode, FIRST_OF_OTHERS + inodes.size + 1);
      return inodes.get(inode);
    })
    .replaceAll(new RegExp(`^${hostname()}$`, 'gm'), 'host');
}
