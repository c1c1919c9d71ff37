// What an installed command takes beside the executable itself and nsenter, after `npm run package`: a table. It needs root.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { measure } from '../test/bench/measure.mjs';
import { buildPrograms, places, root } from '../test/bench/places.mjs';
import { startTarget } from '../test/bench/target.mjs';

const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const packages = [`tsenter-${version}.tgz`, `tsenter-linux-${process.arch}-${version}.tgz`];
const rounds = { fast: 500, slow: 500 };

buildPrograms();
const directory = mkdtempSync(`${tmpdir()}/tsenter-bench-`);
const target = await startTarget();
try {
  const byNpm = install('npm', []);
  const withoutScripts = install('npm-without-scripts', ['--ignore-scripts']);
  symlinkSync(`${root}/bin/tsenter`, `${directory}/tsenter`);
  const commands = {
    nsenter: places.nsenter,
    'the executable, and so .deb, .rpm, tarball': places.native,
    'npm install --global': byNpm,
    'the same where npm runs no scripts': withoutScripts,
    'a link to the checkout’s bin/tsenter': `${directory}/tsenter`,
  };
  const candidates = Object.entries(commands).map(([name, command]) => ({
    name,
    words: [command, '-t', target.pid, '-u', '-i', '-n', '-m', '-p', places.staticTrue],
  }));
  console.log('| installed | median, ms | of nsenter’s |\n| --- | --- | --- |');
  for (const { name, failed, median, ratio } of await measure(candidates, rounds))
    console.log(failed ? `| ${name} | failed: ${failed} | |` : row(name, median, ratio));
} finally {
  await target.stop();
  rmSync(directory, { recursive: true });
}

function install(name, words) {
  const prefix = `${directory}/${name}`;
  const files = packages.map((file) => `${root}/dist/packages/${file}`);
  const options = [`--prefix=${prefix}`, '--no-audit', '--no-fund', '--loglevel=error', ...words];
  execFileSync('npm', ['install', '--global', ...options, ...files], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return `${prefix}/bin/tsenter`;
}

function row(name, median, { ratio, low, high }) {
  return `| ${name} | ${(median / 1000).toFixed(2)} | ${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)}) |`;
}
