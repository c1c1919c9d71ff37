/**
 * The EXAMPLES of the manual, each typed as it stands there, and whether it does what the text says. Only the number of the
 * process is another one, and docker is a stand-in with one more name: what it answers to `inspect` test/engines asks the real one.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, type Outcome, run, tsenter } from '../support/command.ts';
import { cgroupOf, has, namespacesOf, type Scratch, scratch, tool, until } from '../support/enter.ts';
import { defaultEnv, literal } from '../support/launch.ts';
import { commandsOf } from '../support/manual.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

interface Example {
  /** Written to its standard input. */
  readonly typed?: string;
  /** What is there before it. */
  readonly before?: string;
  /** Who executes `$COMMAND`, instead of the shell at hand. */
  readonly by?: string;
  /** The container, else `web`. */
  readonly of?: () => Target;
  /** A program that not every machine has. */
  readonly needs?: string;
  /** What it writes to standard error, else nothing. */
  readonly says?: RegExp;
  check(output: string, directory: string): void;
}

/** Its first process, as ps shows it, is that of the container. */
const OWN_PROCESSES = /^ *1 .*\/target ns=/m;
const RESOLVER = 'nameserver 10.0.0.53\n';

/** A privileged container of a host, which has the process 1. */
const POD = `unshare --pid --fork --kill-child --mount-proc --uts --net sh -c '
  hostname node
  unshare --mount --uts --net sh -c "hostname pod; eval \\"\\$COMMAND\\""
  exit $?'`;

/** What runc would have written down of a container of the caller's. */
const RUNC = `export XDG_RUNTIME_DIR=$PWD; mkdir -p runc/web
  echo "{\\"init_process_pid\\": 4242, \\"init_process_start\\": $(cut -d' ' -f22 /proc/4242/stat)}" > runc/web/state.json`;

const EXAMPLES: Readonly<Record<string, Example>> = {
  'tsenter -t web': {
    before: RUNC,
    typed: 'hostname; pwd\n',
    check: (output) => expect(output).toBe('web\n/\n'),
  },
  'tsenter -t "$(docker inspect -f \'{{.State.Pid}}\' web)" -a': {
    typed: 'hostname; pwd\n',
    check: (output) => expect(output).toBe('web\n/\n'),
  },
  'tsenter -t 4242 -a --pty': {
    typed: 'tty\n',
    check: (output) => expect(output).toMatch(/\/dev\/pts\/\d+\r\n/),
  },
  "tsenter -t 4242 -a sh -c 'hostname; ps'": {
    check: (output) => {
      expect(output).toMatch(/^web\nPID +USER +COMMAND\n/);
      expect(output).toMatch(OWN_PROCESSES);
    },
  },
  'tsenter -t 4242 -a -e --setenv DEBUG=1 env': {
    check: (output) => expect(output).toMatch(/^PATH=.*^DEBUG=1\n$/ms),
  },
  'tsenter -t 4242 -a --caps none --no-new-privs --close-fds id': {
    check: (output) => expect(output).toMatch(/^uid=0/),
  },
  'tsenter -t 4242 -n ss -tlnp': {
    needs: 'ss',
    check: (output) => {
      expect(output).toMatch(new RegExp(`:${PORT} .*pid=${listeners[0]?.pid},`));
      expect(output).not.toContain(`:${hostPort()} `);
    },
  },
  'tsenter -t 4242 -n ip -brief addr': {
    needs: 'ip',
    check: (output) => expect(output).toMatch(/^web0 .* 127\.0\.0\.1\/8/),
  },
  'timeout 60 tsenter -t 4242 -n tcpdump -n -i any -c 10': {
    needs: 'tcpdump',
    before: `tsenter -t 4242 -n busybox ping -i 0.02 127.0.0.1 > /dev/null & trap "kill $!" EXIT`,
    says: /^10 packets captured$/m,
    check: (output) => expect(output).toMatch(/^(?:.* 127\.0\.0\.1 > 127\.0\.0\.1: ICMP echo .*\n){10}$/),
  },
  'tsenter -t 4242 -m -p ps': { check: (output) => expect(output).toMatch(OWN_PROCESSES) },
  'tsenter -t 4242 -p unshare --mount-proc ps ax': {
    check: (output) => expect(output).toMatch(OWN_PROCESSES),
  },
  'tsenter -t 4242 -m -n cat /etc/resolv.conf': { check: (output) => expect(output).toBe(RESOLVER) },
  "tsenter -t 4242 -n unshare -m sh -c \\\n  'mount -t sysfs sys /sys && ls /sys/class/net'": {
    check: (output) => expect(output.trim().split('\n').sort()).toEqual(devicesOf(web)),
  },
  [`tsenter -t 4242 -n unshare -m sh -c 'mount -t tmpfs tmp /mnt &&
  tsenter -t 4242 -m cat /etc/resolv.conf > /mnt/resolv.conf &&
  mount --bind /mnt/resolv.conf /etc/resolv.conf && exec bash'`]: {
    typed: 'cat /etc/resolv.conf; readlink /proc/self/ns/net; [ -x /usr/bin/unshare ] && echo the host\n',
    check: (output) => expect(output).toBe(`${RESOLVER}${namespacesOf(web.pid).net}\nthe host\n`),
  },
  'tsenter -t 4242 -a -w/bin ./busybox sh': {
    of: () => bare,
    typed: 'cd /; hostname; ls -d bin probe; ps\n',
    says: /^ls: bin: No such file or directory\n$/,
    check: (output) => {
      expect(output).toMatch(/^bare\nprobe\nPID /);
      expect(output).toMatch(OWN_PROCESSES);
    },
  },
  'tsenter -t 4242 -a -e -c -S follow -G follow sh': {
    typed: 'id -u; id -G; echo $MARK; cat /proc/self/cgroup; echo; cat /proc/1/cgroup\n',
    check: (output) => {
      const [, own, first] = /^1000\n1000\ntarget\n([\s\S]*)\n\n([\s\S]*)\n$/.exec(output) ?? [];
      expect(own).toBe(first);
      if (cgroup !== undefined) expect(cgroupOf(web.pid)).not.toBe(cgroupOf('self'));
    },
  },
  'tsenter -t 4242 -a -S guest id': {
    check: (output) => expect(output).toMatch(/^uid=1000\(guest\) gid=1000\(guest\) groups=1000\(guest\)\n$/),
  },
  'tsenter -t 4242 --as-target sh': {
    typed: "id -u; echo $MARK; cut -d' ' -f5,6 /proc/$$/stat; echo $$; grep CapEff /proc/self/status\n",
    check: (output) => {
      const [uid, mark, session, shell, capabilities] = output.split('\n');
      expect([uid, mark, session]).toEqual(['1000', 'target', `${shell} ${shell}`]);
      expect(capabilities).toBe('CapEff:\t0000000000000000');
    },
  },
  'tsenter -t 4242 -a sh -s < check.sh': {
    before: 'echo hostname > check.sh',
    check: (output) => expect(output).toBe('web\n'),
  },
  [`docker ps -q | xargs docker inspect -f '{{.State.Pid}}' |
  xargs -I {} tsenter -t {} -n ss -tln`]: {
    needs: 'ss',
    check: (output) => {
      expect(output.match(/^State .*\n/gm)).toHaveLength(2);
      expect(output.match(new RegExp(`:${PORT} `, 'g'))).toHaveLength(2);
      expect(output).not.toContain(`:${hostPort()} `);
    },
  },
  'tsenter -t 1 -a': {
    by: POD,
    typed: 'hostname; [ /proc/self/ns/net -ef /proc/1/ns/net ] && echo its network\n',
    check: (output) => expect(output).toBe('node\nits network\n'),
  },
  'tsenter -t 4242 -m cat /etc/passwd > passwd': {
    check: (_, directory) => expect(readFileSync(`${directory}/passwd`, 'utf8')).toContain('guest:x:1000:'),
  },
  'tsenter -t 4242 -m -w/usr/bin ./busybox cat /etc/resolv.conf': {
    of: () => bare,
    before: `echo 'nameserver 192.0.2.7' > /proc/4242/root/etc/own
      ln -s /etc/own /proc/4242/root/etc/resolv.conf`,
    check: (output) => expect(output).toBe('nameserver 192.0.2.7\n'),
  },
  "tsenter -t 4242 -m sh -c 'cat > /srv/app.conf' < app.conf": {
    before: 'echo setting > app.conf',
    check: () => expect(inside('srv/app.conf')).toBe('setting\n'),
  },
  'tar -cf - conf | tsenter -t 4242 -m -W/srv tar -xf -': {
    before: 'mkdir conf; echo one > conf/one',
    check: () => expect(inside('srv/conf/one')).toBe('one\n'),
  },
  'tsenter --net=/run/netns/blue ip addr': {
    needs: 'ip',
    before: `mkdir -p /run/netns; mount -t tmpfs tmp /run/netns
      ip netns add blue; ip -n blue link set lo name blue0`,
    check: (output) => expect(output).toMatch(/^1: blue0: /),
  },
  'tsenter --explain -t 4242 -n ss | tail -n 5 | cut -c 1-66': {
    needs: 'ss',
    check: (output) =>
      expect(output).toMatch(
        /^plan +1\. hide this process from .*\n.*\n +2\. enter net: .*\n +3\. execute \S+\/ss: .*\nverdict +entering should succeed\n$/,
      ),
  },
};

const PORT = 8080;
let web: Target;
/** Without a shell, or anything else to execute. */
let bare: Target;
let db: Target;
let listeners: ChildProcess[] = [];
let host: Server;
let cgroup: string | undefined;
let files: Scratch;

beforeAll(async () => {
  buildPrograms();
  files = scratch();
  const namespaces = ['cgroup', 'ipc', 'uts', 'net', 'pid', 'mount'] as const;
  const options = { namespaces, root: 'pivot', terminals: true } as const;
  web = await startTarget({ ...options, hostname: 'web', uid: 1000, gid: 1000 });
  bare = await startTarget({ ...options, hostname: 'bare' });
  db = await startTarget({ namespaces: ['net'] });
  tool(tsenter, '-t', `${bare.pid}`, '-m', '/bin/busybox', 'rm', '-r', '/bin');
  writeFileSync(`/proc/${web.pid}/root/etc/resolv.conf`, RESOLVER);
  tool(tsenter, '-t', `${web.pid}`, '-n', 'sh', '-c', 'ip link set lo name web0 && ip link set web0 up');
  listeners = await Promise.all([web, db].map(listenIn));
  host = createServer().listen(0, '127.0.0.1');
  cgroup = cgroupFor(web);
  mkdirSync(`${files.path}/bin`);
  symlinkSync(tsenter, `${files.path}/bin/tsenter`);
  const docker = `#!/bin/sh
case "$*" in
'inspect -f {{.State.Pid}} web') echo ${web.pid} ;;
'ps -q') printf '%s\\n' 0aafe 0cafe ;;
'inspect -f {{.State.Pid}} 0aafe 0cafe') printf '%s\\n' ${web.pid} ${db.pid} ;;
*) exit 1 ;;
esac
`;
  writeFileSync(`${files.path}/bin/docker`, docker, { mode: 0o755 });
});

afterAll(async () => {
  host?.close();
  for (const listener of listeners) listener.kill();
  for (const target of [web, bare, db]) await target?.stop();
  if (cgroup !== undefined) rmdirSync(cgroup);
  files?.[Symbol.dispose]();
});

/** A server in its network, that is no process of the container's. */
async function listenIn({ pid }: Target): Promise<ChildProcess> {
  const words = ['-t', `${pid}`, '-n', '/bin/busybox', 'nc', '-l', '-p', `${PORT}`];
  const server = spawn(tsenter, words, { stdio: 'ignore' });
  const entry = `:${PORT.toString(16).toUpperCase()} `;
  const tables = [`/proc/${pid}/net/tcp`, `/proc/${pid}/net/tcp6`].filter(has);
  await until('a server', () => tables.some((table) => readFileSync(table, 'utf8').includes(entry)));
  return server;
}

/** A cgroup with this process, in whichever hierarchy there is. */
function cgroupFor({ pid }: Target): string | undefined {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const [, mountpoint] = /^\S+ \S+ \S+ \/ (\S+) rw.* - cgroup2? \S+ rw(?!.*cpuset)/m.exec(mounts) ?? [];
  if (mountpoint === undefined) {
    mustRun('no hierarchy of cgroups is mounted');
    return undefined;
  }
  const path = `${mountpoint}/tsenter-test-${process.pid}-manual`;
  mkdirSync(path);
  writeFileSync(`${path}/cgroup.procs`, `${pid}`);
  return path;
}

function isCommand(name: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0;
}

function hostPort(): number {
  return (host.address() as AddressInfo).port;
}

function devicesOf({ pid }: Target): string[] {
  const table = readFileSync(`/proc/${pid}/net/dev`, 'utf8');
  return [...table.matchAll(/^ *(\S+):/gm)].map(([, name = '']) => name).sort();
}

function inside(path: string): string {
  return readFileSync(`/proc/${web.pid}/root/${path}`, 'utf8');
}

/**
 * In a mount namespace of its own, whose mounts are passed on to what is made of it and back as on most machines: what a
 * command does to the mounts of who types it is an error.
 */
const SESSION = `set -e
mount --make-rshared /
eval "$BEFORE"
cat /proc/self/mountinfo > mounts
eval "$BY" || status=$?
diff mounts /proc/self/mountinfo >&2
exit \${status:-0}`;

function type(command: string, example: Example, directory: string): Promise<Outcome> {
  const { pid } = (example.of ?? (() => web))();
  const meant = (text: string): string => literal(text.replace(/4242/g, `${pid}`));
  const env = {
    ...defaultEnv,
    PATH: `${files.path}/bin:${defaultEnv.PATH}`,
    HOME: directory,
    SHELL: '/bin/sh',
    BEFORE: meant(example.before ?? ''),
    COMMAND: meant(command),
    BY: meant(example.by ?? 'eval "$COMMAND"'),
  };
  return run(['/usr/bin/unshare', '--mount', '/bin/bash', '--norc', '-c', SESSION], {
    env,
    cwd: directory,
    stdin: example.typed ?? '',
    timeout: 60_000,
  });
}

describe.skipIf(!(has('/bin/busybox') || mustRun('needs busybox-static')))('EXAMPLES', () => {
  it('are all here, in their order', () => {
    expect(commandsOf('EXAMPLES')).toEqual(Object.keys(EXAMPLES));
  });

  it.for(Object.entries(EXAMPLES).map(([command, example]) => ({ command, example })))(
    '$command',
    async ({ command, example }, context) => {
      const { needs } = example;
      if (needs !== undefined && !isCommand(needs)) mustRun(`needs ${needs}`, context);
      using directory = scratch();
      const { status, stdout, stderr, orphans } = await type(command, example, directory.path);
      expect(stderr.toString()).toMatch(example.says ?? /^$/);
      expect(status).toBe(0);
      example.check(stdout.toString(), directory.path);
      expect(orphans).toBe(0);
    },
  );
});
