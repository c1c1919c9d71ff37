/** What is entered: a process with namespaces of its own that shares our file system, so that paths stay the same. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { places } from './places.mjs';

const letters = { mount: 'm', uts: 'u', ipc: 'i', net: 'n', pid: 'p', cgroup: 'C', time: 'T' };
const files = { mount: 'mnt' };

/** Its PID, and the letters of its namespaces. It ends with us, whatever happens. */
export async function startTarget() {
  const names = Object.keys(letters).filter((name) => existsSync(`/proc/self/ns/${files[name] ?? name}`));
  const monitor = spawn(places.target, [`ns=${names.join(',')}`, 'fork', 'private'], {
    cwd: '/',
    env: {},
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => {
    monitor.once('close', resolve);
  });
  const pid = await new Promise((resolve, reject) => {
    monitor.stdout.once('data', (line) => resolve(Number(/\d+/.exec(line)?.[0])));
    monitor.once('close', () => reject(new Error('the process to enter did not start (are you root?)')));
  });
  return {
    pid,
    letters: names.map((name) => letters[name]).join(''),
    stop: async () => {
      monitor.stdin.end();
      await ended;
    },
  };
}
