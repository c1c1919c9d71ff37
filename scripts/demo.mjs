// Makes a small container of its own, enters it in several ways, and shows each command line with its real output.
// Needs nothing but Node and a C compiler: no container engine, no image, and no root where users may make user
// namespaces. It leaves nothing behind.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DemoError, startContainer } from './demo-container.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const style = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text);
const say = (text) => console.log(`\n${style(2, text)}`);
const isRoot = process.getuid() === 0;
let surprises = 0;

/** As one would type it. */
function shown(words) {
  const quote = (word) => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
  return words.map(quote).join(' ');
}

function run(words, wanted = 0) {
  console.log(style(1, `$ ${shown(words)}`));
  const [file, ...args] = words;
  const program = file === 'tsenter' ? `${root}/bin/tsenter` : file;
  const { status, signal, stdout, stderr } = spawnSync(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 20_000,
    // For those that start tsenter themselves.
    env: { ...process.env, PATH: `${root}/bin:${process.env.PATH}` },
  });
  process.stdout.write(stdout + stderr);
  const end = signal ?? status;
  if (end !== 0) console.log(style(2, `(exit status ${end})`));
  if (end === wanted) return;
  surprises++;
  console.log(style(31, `This demo expected ${wanted}.`));
}

function tour({ pid, has }) {
  // Unprivileged, one may enter nothing before one is root in the user namespace that owns it.
  const user = isRoot ? [] : ['-U'];
  const tsenter = (...words) => ['tsenter', '-t', String(pid), ...user, ...words];
  const hostname = has('hostname') && isOnHost('hostname') ? ['hostname'] : ['uname', '-n'];
  const ns = ['/proc/self/ns/pid', '/proc/self/ns/pid_for_children'];

  say(`Process ${pid} is our container: it has pid, mount, net, uts, ipc and cgroup namespaces of its own,
and a small root file system. Its host name, and ours:`);
  run(tsenter('-u', ...hostname));
  run(hostname);

  say('Its processes and its files. This shell is a process in there like any other:');
  run(tsenter('-p', '-m', 'sh', '-c', 'echo "I am process $$ of"; cd /proc; echo [0-9]*'));
  if (has('ps')) run(tsenter('-p', '-m', 'ps', '-e', '-o', 'pid,comm'));
  run(tsenter('-m', 'ls', '/'));

  say('Its network, seen with a program of the host: only -n, so files and processes stay ours.');
  run(isOnHost('ip') ? tsenter('-n', 'ip', '-brief', 'link') : tsenter('-n', 'cat', '/proc/net/dev'));

  say('All of it at once:');
  run(tsenter('-a', 'sh', '-c', `id; ${shown(hostname)}; pwd; cat /srv/welcome`));

  say("Only the container's root and working directory, and no mount namespace:");
  run(tsenter('-r', '-w', 'sh', '-c', 'pwd; cat welcome'));

  say(`A process cannot change its own pid namespace, only that of its children. So tsenter forks, and the program
is that child. Both links are the container's (our own is ${readlinkSync('/proc/self/ns/pid')}):`);
  run(tsenter('-p', 'readlink', ...ns));
  say(
    'With --no-fork the program keeps the process id, and its old pid namespace. Only its children are inside:',
  );
  run(tsenter('-p', '--no-fork', 'readlink', ...ns));

  say("The program's exit status is that of tsenter:");
  run(tsenter('-a', 'sh', '-c', 'exit 42'), 42);
  run(tsenter('-a', '-e', 'no-such-program'), 127);

  say(
    'It waits as if it were not there. The signal of timeout(1) reaches the program, and nothing is left behind:',
  );
  const asked = 'trap "echo asked to end; exit 3" TERM; while sleep 0.1; do :; done';
  run(['timeout', '--foreground', '--preserve-status', '0.5', ...tsenter('-p', '-m', 'sh', '-c', asked)], 3);

  say("With --pty the program has a terminal of its own, whatever the caller's streams are:");
  run(tsenter('-p', '-m', '--pty', 'sh', '-c', 'test -t 0 && test -t 1 && echo a terminal'));

  say('Errors say what was tried and why it failed:');
  run(['tsenter', '-t', String(unusedPid()), '-m', 'true'], 1);

  say('And this is what a command line does, step by step:');
  run(tsenter('-a', '--explain', 'sh'));
}

function isOnHost(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
}

function unusedPid() {
  let pid = 999999;
  while (existsSync(`/proc/${pid}`)) pid--;
  return pid;
}

let container;
try {
  if (!existsSync(`${root}/bin/tsenter`)) execFileSync('npm', ['run', '-s', 'build'], { cwd: root });
  container = await startContainer(root, isRoot);
  tour(container);
  say(surprises === 0 ? 'That was all. The container is gone again.' : `${surprises} surprises.`);
  if (surprises > 0) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof DemoError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await container?.stop();
}
