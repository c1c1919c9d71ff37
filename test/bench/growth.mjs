/** How cost grows with what is as large as others make it: each row with an input, and with ten and a hundred times that. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { measure } from './measure.mjs';
import { installed, places } from './places.mjs';
import { candidates } from './rows.mjs';
import { idOf, where, writeDocker } from './states.mjs';

const ALL = ['nsenter', 'tsenter, native', 'tsenter, Node'];
const TSENTER = ALL.slice(1);
/** util-linux 2.38 has no --env. */
const WITH_ENV = nsenterHas('--env') ? ALL : TSENTER;

/**
 * `surroundings` makes what there is so much of, and gives how it is entered: `target` (default: one that has nothing special), `options`,
 * `program`, and `within` and `env` as measure() takes them; or in `words` what is executed instead, of the path of a tsenter. With `memory`
 * it is also told how much that took.
 */
const growthRows = [
  {
    title: 'mounts of the caller, `-c`',
    sizes: [50, 500, 5000],
    names: TSENTER,
    surroundings: async (count, lab) => ({
      target: await lab.target({ cgroup: 1 }),
      options: ['-u', '-c'],
      within: [places.crowd, `mounts=${count}:100:${lab.directory}`, '--'],
    }),
  },
  {
    title: 'mounts of the target, `-a`',
    sizes: [50, 500, 5000],
    names: ALL,
    surroundings: async (count, lab) => ({
      target: await lab.target({ words: [`mounts=${count}:100:${lab.directory}`] }),
      options: ['-a'],
    }),
  },
  {
    title: "levels of the target's cgroup, `-c`",
    sizes: [2, 20, 200],
    names: TSENTER,
    surroundings: async (count, lab) => ({
      target: await lab.target({ cgroup: count }),
      options: ['-u', '-c'],
    }),
  },
  {
    title: "levels of the target's working directory, `-m -w`",
    sizes: [100, 1000, 10_000],
    names: ALL,
    surroundings: async (count, lab) => ({
      target: await lab.target({ words: [`depth=${count}:${lab.directory}`] }),
      options: ['-m', '-w'],
    }),
  },
  {
    title: 'variables of the target, `-e`',
    sizes: [200, 2000, 20_000],
    names: WITH_ENV,
    // It takes nsenter seconds.
    slow: ['nsenter'],
    surroundings: async (count, lab) => ({
      target: await lab.target({ env: variables(count) }),
      options: ['-u', '-e'],
    }),
  },
  {
    title: 'groups of the target, `-S follow -G follow`',
    sizes: [650, 6500, 65_000],
    names: TSENTER,
    surroundings: async (count, lab) => ({
      target: await lab.target({ words: [`groups=${count}`] }),
      options: ['-u', '-S', 'follow', '-G', 'follow'],
    }),
  },
  {
    title: 'threads of the target, and as many children, `-a`',
    sizes: [10, 100, 1000],
    names: ALL,
    surroundings: async (count, lab) => ({
      target: await lab.target({ words: [`children=${count}`, `threads=${count}`] }),
      options: ['-a'],
    }),
  },
  {
    title: 'lines of the passwd file inside, where no program is named, `-m`',
    sizes: [500, 5000, 50_000],
    names: TSENTER,
    surroundings: async (count, lab) => ({
      target: await lab.target({ words: [`bind=${lab.file(passwd(count))}:/etc/passwd`] }),
      options: ['-m'],
      program: [],
    }),
  },
  {
    title: 'lines of the passwd and the group file of the target, the last ones his, `-S NAME`',
    sizes: [500, 5000, 50_000],
    names: TSENTER,
    surroundings: async (count, lab) => ({
      target: await lab.target({
        words: [
          `bind=${lab.file(passwd(count))}:/etc/passwd`,
          `bind=${lab.file(group(count), 'group')}:/etc/group`,
        ],
      }),
      options: ['-u', '-S', 'root'],
    }),
  },
  {
    title: 'directories in PATH',
    sizes: [20, 200, 2000],
    names: ALL,
    surroundings: (count) => ({
      options: ['-u'],
      program: ['true'],
      env: { PATH: `${texts(count, (i) => `/nowhere/${i}:`).join('')}${dirname(places.staticTrue)}` },
    }),
  },
  {
    title: 'operands',
    sizes: [300, 3000, 30_000],
    names: ALL,
    surroundings: (count) => ({
      options: ['-u'],
      program: [places.staticTrue, ...texts(count, () => 'x')],
    }),
  },
  {
    title: 'options, `--pty` and `--no-pty` in turn',
    sizes: [200, 2000, 20_000],
    names: TSENTER,
    surroundings: (count) => ({ options: ['-u', ...texts(count, (i) => (i % 2 ? '--no-pty' : '--pty'))] }),
  },
  {
    title: 'options in one word, `-FFF`',
    sizes: [1000, 10_000, 100_000],
    names: ALL,
    surroundings: (count) => ({ options: ['-u', `-${'F'.repeat(count)}`] }),
  },
  {
    title: 'variables of the caller',
    sizes: [200, 2000, 20_000],
    names: ALL,
    surroundings: (count) => ({ options: ['-u'], env: variables(count) }),
  },
  {
    title: 'descriptors of the caller, `-p`, fork',
    sizes: [100, 1000, 10_000],
    names: ALL,
    surroundings: (count) => ({
      options: ['-p'],
      within: [places.crowd, `descriptors=${count}`, '--'],
    }),
  },
  {
    title: 'descriptors of the caller, `--pty`',
    sizes: [100, 1000, 10_000],
    names: TSENTER,
    surroundings: (count) => ({
      options: ['-u', '--pty'],
      within: [places.crowd, `descriptors=${count}`, '--'],
    }),
  },
  {
    title: 'bytes that the program writes, `--pty`',
    sizes: [100_000, 1_000_000, 10_000_000],
    names: TSENTER,
    surroundings: (count) => ({
      options: ['-u', '--pty'],
      program: [installed('head'), '-c', count, '/dev/zero'],
    }),
  },
  {
    title: 'containers of docker, `--list`',
    sizes: [10, 100, 1000],
    names: TSENTER,
    memory: true,
    surroundings: async (count, lab) => ({
      ...(await containers(count, lab)),
      words: (path) => [path, '--list'],
    }),
  },
  {
    title: 'containers of docker, `-t NAME`',
    sizes: [10, 100, 1000],
    names: TSENTER,
    memory: true,
    surroundings: async (count, lab) => ({
      ...(await containers(count, lab)),
      words: (path) => [path, '-t', nameOf(count - 1), places.staticTrue],
    }),
  },
  {
    title: 'containers of docker, a name completed by a bash that begins with it',
    sizes: [10, 100, 1000],
    names: TSENTER,
    surroundings: async (count, lab) => {
      const script = lab.file(execFileSync(places.native, ['--completion', 'bash']));
      return {
        ...(await containers(count, lab)),
        words: (path) => [installed('bash'), '-c', COMPLETE, 'bash', dirname(path), script],
      };
    },
  },
];

const nameOf = (index) => `shop-front-${index}`;

/** As bash has it of `tsenter -t docker:shop-front-`, where it shows all that there are. */
const COMPLETE = `PATH=$1:$PATH
source "$2"
COMP_LINE='tsenter -t docker:shop-front-' COMP_WORDS=(tsenter -t docker : shop-front-) COMP_CWORD=4 COMP_TYPE=63
COMP_POINT=\${#COMP_LINE}
_tsenter tsenter shop-front- : 2>/dev/null
((\${#COMPREPLY[@]} >= 10))`;

/** So many of docker's, each with a process, in one mount namespace that is not the caller's. */
async function containers(count, lab) {
  const { pid } = await lab.target({
    words: [`bind=${lab.directory}:${lab.directory}`, `children=${count}`],
  });
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  writeDocker(
    lab.directory,
    children.map((child, index) => ({ id: idOf(index), name: nameOf(index), pid: child })),
  );
  return { target: { pid }, within: where(lab.directory) };
}

/** `rounds` are those of each size; `notTried` gets a line for each size that fails. */
export async function measureGrowth(rounds, notTried, say) {
  const rows = [];
  for (const { sizes, ...row } of growthRows) {
    say(`more and more ${row.title}`);
    const measured = [];
    for (const [index, size] of sizes.entries())
      measured.push({ size, candidates: await measureSize(row, size, rounds[index], notTried) });
    rows.push({ title: row.title, sizes: measured });
  }
  return rows;
}

async function measureSize({ title, names, slow = [], memory, surroundings }, size, rounds, notTried) {
  const lab = openLab();
  try {
    const {
      target,
      options = [],
      program = [places.staticTrue],
      words,
      ...around
    } = await surroundings(size, lab);
    const { pid } = target ?? (await lab.target());
    const list = candidates(['-t', pid, ...options], [], program)
      .map((each) => (words ? { ...each, words: words(each.words[0]) } : each))
      .filter(({ name }) => names.includes(name))
      .map((each) => ({ ...each, slow: each.slow || slow.includes(each.name) }));
    const measured = await measure(list, rounds, around);
    for (const { name, failed } of measured)
      if (failed) notTried.push(`${name}: ${size} ${title}: it failed (${failed})`);
    return measured.map(({ name, failed, runs, median, minimum, quartiles, peak }) =>
      failed ? { name, failed } : { name, runs, median, minimum, quartiles, ...(memory && { peak }) },
    );
  } catch (error) {
    notTried.push(`${size} ${title}: ${error.message}`);
    return [];
  } finally {
    await lab.close();
  }
}

/** What one measurement needs and nothing is left of: also where it is interrupted. */
function openLab() {
  const directory = mkdtempSync(`${tmpdir()}/tsb-`);
  const undone = [() => rmSync(directory, { recursive: true })];
  const ended = [];
  const undo = () => {
    while (undone.length > 0) undone.pop()();
  };
  const interrupted = () => {
    undo();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  return {
    directory,
    file(text, name = 'file') {
      const path = `${directory}/${name}`;
      writeFileSync(path, text);
      return path;
    },
    /** A process that is `cgroup` levels below our cgroup. It ends with us, whatever happens. */
    async target({ words = [], env = {}, cgroup = 0 } = {}) {
      const child = spawn(places.crowd, words, { cwd: '/', env, stdio: ['pipe', 'pipe', 'inherit'] });
      const closed = new Promise((resolve) => {
        child.once('close', resolve);
      });
      ended.push(() => {
        child.stdin.end();
        return closed;
      });
      await new Promise((resolve, reject) => {
        child.stdout.once('data', resolve);
        child.once('close', () => reject(new Error('the process to enter did not start')));
      });
      if (cgroup > 0) makeCgroups(child.pid, cgroup, undone);
      return { pid: child.pid };
    },
    async close() {
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      undo();
      for (const end of ended) await end();
    },
  };
}

/** Of version 2, because with its mount alone it can be told where one is. */
function makeCgroups(pid, levels, undone) {
  const mount = /^(?:\S+ ){3}\/ (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
  const own = /^0::\/?(.*)/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  if (mount === undefined || own === undefined) throw new Error('cgroups of version 2 are not mounted');
  const base = own === '' ? mount : `${mount}/${own}`;
  let path = `${base}/tsb-${process.pid}`;
  for (let level = 1; ; level++, path += '/d') {
    const made = path;
    mkdirSync(made);
    undone.push(() => removeCgroup(made, base));
    if (level === levels) break;
  }
  writeFileSync(`${path}/cgroup.procs`, String(pid));
}

/** What was interrupted may have a process in it still, and then another one, for as long as it goes on. */
function removeCgroup(path, base) {
  for (;;) {
    for (const pid of readFileSync(`${path}/cgroup.procs`, 'utf8').split('\n').filter(Boolean))
      ignoring('ESRCH', () => writeFileSync(`${base}/cgroup.procs`, pid));
    if (ignoring('EBUSY', () => rmdirSync(path))) return;
  }
}

/** Whether it was done. */
function ignoring(code, act) {
  try {
    act();
    return true;
  } catch (error) {
    if (error.code !== code) throw error;
    return false;
  }
}

function nsenterHas(option) {
  return spawnSync(places.nsenter ?? '', ['--help'], { encoding: 'utf8' }).stdout?.includes(option);
}

function texts(count, text) {
  return Array.from({ length: count }, (_, index) => text(index));
}

function variables(count) {
  return Object.fromEntries(texts(count, (i) => [`VARIABLE_${i}`, 'value']));
}

/** The last line is root's, whose shell is a program that ends at once. */
function passwd(count) {
  const others = texts(count - 1, (i) => `user${i}:x:${100_000 + i}:100:Some Body:/home/user${i}:/bin/sh\n`);
  return `${others.join('')}root:x:0:0:root:/root:${places.staticTrue}\n`;
}

function group(count) {
  return `${texts(count - 1, (i) => `group${i}:x:${100_000 + i}:user${i},someone\n`).join('')}last:x:7:root\n`;
}
