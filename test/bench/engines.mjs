/** Entering a real container, against what its engine has for that. test/engines/engines.sh makes the containers. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { measure } from './measure.mjs';
import { environment, installed, places, root } from './places.mjs';
import { candidates, withoutPid } from './rows.mjs';

const script = `${root}/test/engines/engines.sh`;
const PROGRAM = '/static-true';

/** How to execute a program in the container `name`, whose files are in `folder`. */
const engines = [
  { engine: 'runc', command: 'runc', words: ({ name }) => ['exec', name] },
  {
    engine: 'crun',
    command: 'crun',
    words: ({ name }) => ['exec', name],
    // crun 1.8 refuses hybrid cgroups: all candidates run where their v2 part is hidden, as engines.sh does it.
    within: ['unshare', '-m', 'sh', '-c', 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"', 'sh'],
  },
  {
    engine: 'lxc',
    command: 'lxc-attach',
    words: ({ name, folder }) => ['-P', `${folder}/c`, '-n', name, '--'],
  },
  {
    engine: 'docker',
    command: 'docker',
    words: ({ name, folder }) => [
      '--config',
      `${folder}/client`,
      '-H',
      `unix://${folder}/d.sock`,
      'exec',
      name,
    ],
  },
  {
    engine: 'podman',
    command: 'podman',
    words: ({ name, folder }) => ['--tmpdir', `${folder}/tmp`, 'exec', name],
    env: ({ folder }) => ({
      CONTAINERS_CONF: `${folder}/containers.conf`,
      CONTAINERS_STORAGE_CONF: `${folder}/storage.conf`,
    }),
  },
];

/** One row for each engine; `notTried` gets a line for each that is not here or whose container does not start. */
export async function measureEngines(rounds, notTried, say) {
  const rows = [];
  for (const each of engines) {
    const lab = realpathSync(mkdtempSync(`${tmpdir()}/tsb-`));
    const down = () => {
      const { status, stderr } = call(lab, 'down', each.engine);
      if (status === 0) rmSync(lab, { recursive: true, force: true });
      else console.error(`something of ${each.engine} is left in ${lab}: ${stderr}`);
    };
    const interrupted = () => {
      down();
      process.exit(130);
    };
    process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
    try {
      say(`a container of ${each.engine}`);
      rows.push(await measureEngine(each, lab, rounds, notTried));
    } catch (error) {
      notTried.push(`\`${each.command}\`: ${error.message}`);
    } finally {
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
      down();
    }
  }
  return rows;
}

async function measureEngine({ engine, command, words, within, env }, lab, rounds, notTried) {
  const file = installed(command);
  if (!file) throw new Error('not installed');
  const have = call(lab, 'have', engine);
  if (have.status !== 0) throw new Error(`not installed: ${have.stdout.trim().split('\n').join(', ')}`);
  const up = call(lab, 'up', engine);
  if (up.status !== 0) throw new Error(`no container: ${lastLine(up.stderr)}`);
  const pid = call(lab, 'pid', engine).stdout.trim();
  // The container's root is writable, and ours for as long as this runs.
  copyFileSync(places.staticTrue, `/proc/${pid}/root${PROGRAM}`);
  chmodSync(`/proc/${pid}/root${PROGRAM}`, 0o755);

  const place = { name: containerName(lab, engine), folder: `${lab}/${engine}` };
  const list = candidates(['-t', pid, '-a'], [], [PROGRAM]).filter(({ name }) => /senter/.test(name));
  const itself = {
    name: `${command} ${verb(command)}`.trim(),
    words: [file, ...words(place), PROGRAM],
    slow: true,
  };
  const results = await measure([...list, itself], rounds, { within, env: env?.(place) });
  const failed = results.at(-1).failed;
  if (failed) notTried.push(`\`${itself.name}\`: it failed (${failed})`);
  return {
    title: itself.name,
    candidates: results.map((each) => ({
      ...each,
      command: withoutPid(each.command, pid).replaceAll(lab, 'LAB').replaceAll(place.name, 'NAME'),
    })),
  };
}

const lastLine = (text) => text.trim().split('\n').at(-1) || 'it says nothing';

const verb = (command) => (command === 'lxc-attach' ? '' : 'exec');

/** As engines.sh names it. */
function containerName(lab, engine) {
  return `ts${createHash('sha1').update(lab).digest('hex').slice(0, 10)}-${engine}`;
}

function call(lab, action, engine) {
  return spawnSync('bash', [script, action, engine], {
    env: { ...environment, LAB: lab },
    encoding: 'utf8',
    timeout: 120_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
