/** Where it was measured, and what exactly was compared. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { environment, installed, places, root } from './places.mjs';

export function describeMachine() {
  return {
    cpu: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} CPUs`,
    kernel: release(),
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(readIfThere('/etc/os-release'))?.[1] ?? 'unknown',
    revision: output('git', '-C', root, 'describe', '--always', '--dirty').trim(),
  };
}

export function describePrograms() {
  const programs = [
    ['nsenter', places.nsenter, '--version'],
    ['tsenter, native', places.native, '--version'],
    ['tsenter, Node: launcher', places.node, '--version'],
    ['node', places.nodeItself, '--version'],
    ['floor', places.floor],
    ['static true', places.staticTrue],
    ['/bin/true', places.dynamicTrue],
    ...['runc', 'crun', 'lxc-attach', 'docker', 'podman'].map((name) => [name, installed(name), '--version']),
  ];
  return programs
    .filter(([, path]) => path !== undefined && existsSync(path))
    .map(([name, path, ...words]) => ({
      name,
      path: path.replace(`${root}/`, ''),
      version: words.length > 0 ? version(path, words) : '',
      linkage: linkage(path),
      size: statSync(path).size,
    }));
}

/** The first line that has a number in it: lxc-attach says that alone, others with their name before it. */
function version(path, words) {
  const line = output(path, ...words)
    .split('\n')
    .find((each) => /\d/.test(each));
  return /\d+\.\d+[^\s,]*/.exec(line ?? '')?.[0] ?? '';
}

function linkage(path) {
  const kind = output('file', '-b', realpathSync(path));
  const libraries = output('ldd', path)
    .split('\n')
    .map((line) => /^\s*(lib\S+) =>/.exec(line)?.[1])
    .filter((name) => name !== undefined);
  if (libraries.length > 4) return `dynamic: ${libraries.length} libraries`;
  if (libraries.length > 0) return `dynamic: ${libraries.join(', ')}`;
  if (/static-pie/.test(kind)) return 'static PIE';
  if (/statically linked/.test(kind)) return 'static';
  return kind ? kind.split(',')[0].trim() : 'unknown';
}

function output(file, ...words) {
  return (
    spawnSync(file, words, { env: { ...environment, LC_ALL: 'C' }, encoding: 'utf8', timeout: 20_000 })
      .stdout ?? ''
  );
}

function readIfThere(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
