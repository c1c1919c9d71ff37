/**
 * A machine with systemd as people run it, cgroup v2 alone, machined, logind and sshd: what its units, machines and sessions are to
 * tsenter, and what tsenter is in them. One boot does all cases; each is a piece of shell, and what it is to say.
 */
import { readFileSync } from 'node:fs';
import { repository } from '../support/programs.ts';
import { bootDebian } from './debian.ts';
import type { KernelName } from './kernels.ts';

/** Service sections. `sleep` has a number of its own, by which it is found. */
const units: Readonly<Record<string, string>> = {
  plain: "ExecStart=sh -c 'sleep 1001 & sleep 1002 & exec sleep 1000'",
  shell: "ExecStart=sh -c 'sleep 1001 & sleep 1002 & wait'",
  tmp: 'ExecStart=sleep 1003\nPrivateTmp=yes',
  net: 'ExecStart=sleep 1004\nPrivateNetwork=yes',
  dynamic: 'ExecStart=sleep 1005\nDynamicUser=yes\nStateDirectory=dynamic',
  limited: 'ExecStart=sleep 1006\nMemoryMax=64M\nMemorySwapMax=0\nOOMPolicy=continue',
  strict:
    'ExecStart=sleep 1007\nProtectSystem=strict\nProtectHome=yes\nPrivateDevices=yes\nNoNewPrivileges=yes',
  users: 'ExecStart=sleep 1008\nPrivateUsers=yes\nUser=games',
  root: 'ExecStart=/bin/busybox sleep 1009\nRootDirectory=/srv/root\nMountAPIVFS=yes',
  'of@': "ExecStart=sh -c 'sleep 1010 & exec sleep 1011' %i",
  'dash-and\\x2descaped': 'ExecStart=sleep 1012',
  // The kernel has files pids.*, so its cgroup is called _pids.service.
  pids: 'ExecStart=sleep 1013',
  // These two tell of a process that is not the first one.
  forking:
    "Type=forking\nPIDFile=/run/forking.pid\nExecStart=sh -c 'sleep 1014 & sleep 1015 & echo $$! >/run/forking.pid'",
  notify:
    "Type=notify\nNotifyAccess=all\nExecStart=bash -c 'sleep 1016 & sleep 1017 & systemd-notify --ready MAINPID=$$!; wait'",
  // No process may be in a cgroup whose controllers are on for those below it.
  delegated:
    "Delegate=yes\nExecStart=sh -c 'cd /sys/fs/cgroup/system.slice/delegated.service && mkdir leaf && echo $$$$ >leaf/cgroup.procs && echo +memory >cgroup.subtree_control && exec sleep 1018'",
  done: 'Type=oneshot\nRemainAfterExit=yes\nExecStart=true',
  starting: 'ExecStartPre=sleep 1019\nExecStart=sleep 1020\nTimeoutStartSec=infinity',
  started: 'ExecStart=sleep 1021\nExecStartPost=sleep 1022\nTimeoutStartSec=infinity',
  failing: 'ExecStart=false',
  stopped: 'ExecStart=sleep 1023',
};

const SERVICES = [
  ...['plain', 'shell', 'tmp', 'net', 'dynamic', 'limited', 'strict', 'users', 'root', 'of@7', 'of@a\\x2db'],
  ...[
    'dash-and\\x2descaped',
    'pids',
    'forking',
    'notify',
    'delegated',
    'started',
    'dbus',
    'ssh',
    'systemd-journald',
  ],
];

const quoted = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/** With the version of systemd that each has. */
const versions: Partial<Readonly<Record<KernelName, number>>> = { bookworm: 252, trixie: 257 };
export const systemdSuites = Object.keys(versions) as readonly KernelName[];

interface Case {
  readonly does: string;
  /** The first version of systemd that has it, and what earlier ones say of it instead. */
  readonly since?: { readonly version: number; readonly before: string };
  readonly run: string;
  readonly status?: number;
  /** All that it says; of an expression, something of it. */
  readonly says: string | RegExp;
}

const groups: Readonly<Record<string, readonly Case[]>> = {
  'a name of a unit': [
    {
      does: 'is its main process, as systemd tells it',
      run: `for unit in ${quoted(SERVICES)}; do
        main=$(main "$unit") entered=$(entered -t "unit:$unit")
        [ "$main" -gt 0 ] && [ "$main" = "$entered" ] || echo "$unit: $main, $entered"
      done`,
      says: '',
    },
    {
      does: 'is listed with that process, typed as it is taken',
      run: `tsenter --list unit: | awk '{ print $2, $3 }' >/tmp/list
      for unit in ${quoted(SERVICES)}; do
        grep -qxF -- "$unit.service $(main "$unit")" /tmp/list || echo "$unit: $(grep -F -- "$unit" /tmp/list)"
      done
      enter -t "$(tsenter --list=names unit: | grep x2descaped)" sh -c 'echo $0' in`,
      says: 'in\n',
    },
    {
      does: 'is what is running of one that is being started',
      run: 'tr "\\0" " " <"/proc/$(entered -t unit:starting)/cmdline"',
      says: 'sleep 1019 ',
    },
    {
      does: 'of one that has failed tells so',
      run: 'enter -t unit:failing true',
      status: 1,
      says: "tsenter: enter target 'failing': it does not run\nunit:failing.service is failed.\n",
    },
    {
      does: 'of one that was stopped',
      run: 'enter -t stopped true',
      status: 1,
      says: "tsenter: enter target 'stopped': it does not run\nunit:stopped.service is inactive (dead).\n",
    },
    {
      does: 'of one that has done its work',
      run: 'enter -t unit:done.service true',
      status: 1,
      says: "tsenter: enter target 'done.service': it does not run\nunit:done.service is active (exited).\n",
    },
    {
      does: 'of a slice, which is no process',
      run: 'enter -t unit:system.slice true',
      status: 1,
      says: "tsenter: enter target 'system.slice': it has no process of its own\nunit:system.slice is a slice: name one of the units in it.\n",
    },
    {
      does: 'that there is not',
      run: 'enter -t unit:nothing true',
      status: 1,
      says: /unit has nothing of this name/,
    },
    { does: 'of a scope', run: 'entered -t unit:init.scope', says: '1\n' },
    {
      does: 'leaves no word in the journal',
      run: 'journalctl --quiet --boot _PID=1 _TRANSPORT=journal --grep "bus|private|failed to process" --priority warning --output cat',
      status: 1,
      says: '',
    },
  ],

  'inside of a unit': [
    {
      does: 'all namespaces are its own',
      run: `for unit in ${quoted(SERVICES)}; do
        [ "$unit" != users ] || continue
        [ "$(enter -t "unit:$unit" /bin/busybox sh -c 'for n in user mnt net pid ipc uts cgroup; do /bin/busybox readlink /proc/self/ns/$n; done')" = "$(namespaces "$(main "$unit")")" ] || echo "$unit"
      done`,
      says: '',
    },
    {
      does: 'PrivateTmp',
      run: 'enter -t unit:tmp touch /tmp/mark; ls /tmp/mark; enter -t unit:tmp ls /tmp',
      says: "ls: cannot access '/tmp/mark': No such file or directory\nmark\n",
    },
    {
      does: 'ProtectSystem',
      run: 'enter -t unit:strict touch /usr/mark',
      status: 1,
      says: /Read-only file system/,
    },
    { does: 'RootDirectory', run: 'enter -t unit:root /bin/busybox ls /', says: /^bin\ndev\netc\nproc\n/ },
    {
      does: 'RootDirectory, whose shell is found',
      run: 'echo "echo in a shell" | enter -t unit:root',
      says: 'in a shell\n',
    },
    {
      does: 'DynamicUser, as that user',
      run: '[ "$(enter -t unit:dynamic -S follow -G follow id -u)" = "$(stat -c %u "/proc/$(main dynamic)")" ] && enter -t unit:dynamic -S follow -G follow touch /var/lib/dynamic/mark && ls /var/lib/private/dynamic',
      says: 'mark\n',
    },
    {
      does: 'its own environment',
      run: 'enter -t unit:tmp --env env | grep -c ^INVOCATION_ID=',
      says: '1\n',
    },
    {
      does: 'PrivateUsers maps its user, and root',
      run: 'enter -t unit:users -S follow -G follow id -un; enter -t unit:users id -u',
      says: 'games\n0\n',
    },
  ],

  'in the cgroup of a unit': [
    {
      does: 'one with a limit',
      run: 'enter -t unit:limited -c cat /proc/self/cgroup',
      says: '0::/system.slice/limited.service\n',
    },
    {
      does: 'the limit counts',
      run: 'enter -t unit:limited -c sh -c "exec tail /dev/zero"',
      status: 137,
      says: /Killed/,
    },
    {
      does: 'one whose processes are in cgroups of their own',
      run: 'enter -t unit:delegated -c cat /proc/self/cgroup',
      says: '0::/system.slice/delegated.service/leaf\n',
    },
    {
      does: 'the caller’s, unless it is asked for',
      run: 'enter -t unit:limited cat /proc/self/cgroup',
      says: '0::/system.slice/guest.service\n',
    },
    {
      does: 'what is stopped with the unit',
      run: `systemctl start stopped
      enter -t unit:stopped -c sleep 1100 & until_so runs 'sleep 1100'
      systemctl stop stopped; wait $!; echo $?; runs 'sleep 1100'`,
      status: 1,
      says: 'Terminated\n143\n',
    },
  ],

  'a unit as the caller': [
    {
      does: 'without anything',
      run: 'unit -- tsenter -t unit:net readlink /proc/self/ns/net | cmp - <(readlink /proc/$(main net)/ns/net)',
      says: '',
    },
    {
      does: 'what a program says',
      run: 'echo word | unit -- tsenter -t unit:net sh -c "cat; echo error >&2; exit 3"',
      status: 3,
      says: 'word\nerror\n',
    },
    ...[
      'NoNewPrivileges=yes',
      'SystemCallFilter=@system-service',
      'ProtectKernelTunables=yes ProcSubset=pid',
      'MemoryDenyWriteExecute=yes RestrictAddressFamilies=AF_INET',
      'ProtectSystem=strict PrivateTmp=yes',
      'SystemCallFilter=~@mount',
    ].map(
      (properties): Case => ({
        does: properties,
        run: `unit ${quoted(properties.split(' '))} -- tsenter -t unit:tmp ls /tmp`,
        says: 'mark\n',
      }),
    ),
    {
      does: 'RestrictNamespaces',
      run: 'unit RestrictNamespaces=yes -- tsenter -t unit:net true',
      status: 1,
      says: /^tsenter: enter net namespace of target unit:net.service \(\d+\): Operation not permitted\n.*seccomp filter/,
    },
    {
      does: 'a filter that denies',
      run: 'unit SystemCallFilter=~setns SystemCallErrorNumber=EPERM -- tsenter -t unit:net -n true',
      status: 1,
      says: /Operation not permitted\n.*seccomp filter/,
    },
    {
      does: 'capabilities',
      run: 'unit CapabilityBoundingSet=CAP_NET_ADMIN -- tsenter -t unit:net true',
      status: 1,
      says: /CAP_SYS_PTRACE/,
    },
    {
      does: 'DynamicUser',
      run: 'unit DynamicUser=yes -- tsenter -t unit:tmp true',
      status: 1,
      says: /belongs to root: run tsenter as root/,
    },
    {
      does: 'PrivateUsers',
      run: 'unit PrivateUsers=yes -- tsenter -t unit:tmp true',
      status: 1,
      says: /open user namespace of target .*Permission denied\n/,
    },
    {
      does: 'PrivatePIDs',
      since: { version: 257, before: 'Unknown assignment: PrivatePIDs=yes\n' },
      run: 'unit PrivatePIDs=yes -- tsenter -t unit:tmp true',
      status: 1,
      says: "tsenter: enter target 'tmp': none of its processes has a number here\nunit:tmp.service is outside of the PID namespace of the caller.\n",
    },
    {
      does: 'ProtectControlGroups',
      run: 'unit ProtectControlGroups=yes -- tsenter -t unit:limited -c true',
      status: 1,
      says: /join cgroup .*: Read-only file system\n/,
    },
    {
      does: 'that is stopped, and what it entered ends with it',
      run: `systemd-run --quiet --unit=via -p KillMode=process --service-type=exec tsenter -t machine:simple /bin/busybox sleep 1101
      until_so runs '/bin/busybox sleep 1101'; systemctl stop via; runs '/bin/busybox sleep 1101'; systemctl show --property Result --value via`,
      says: 'success\n',
    },
  ],

  'a machine': [
    {
      does: 'is the one that machined has registered',
      run: `for machine in simple mapped-x.y booted; do
        echo "$machine $(enter -t "machine:$machine" /bin/sh -c 'hostname')"
        [ "$(machinectl show --property Leader --value "$machine")" = "$(entered -t "machine:$machine")" ] || echo "$machine"
      done`,
      says: 'simple simple\nmapped-x.y mapped-x.y\nbooted booted\n',
    },
    { does: 'is found without a scheme', run: 'enter -t booted cat /proc/1/comm', says: 'systemd\n' },
    { does: 'that is not registered', run: 'enter -t machine:alone /bin/sh -c hostname', says: 'alone\n' },
    {
      does: 'is listed, registered or not',
      run: `tsenter --list | awk 'NR > 1 { print $1 ":" $2 }' | sort`,
      says: 'machine:alone\nmachine:booted\nmachine:mapped-x.y\nmachine:simple\n',
    },
    {
      does: 'has ids of its own, and a cgroup',
      run: 'enter -t mapped-x.y -c /bin/sh -c "id -u; cat /proc/self/cgroup"; readlink /proc/$(entered -t mapped-x.y)/ns/user | cmp -s - <(readlink /proc/self/ns/user)',
      status: 1,
      says: '0\n0::/\n',
    },
    {
      does: 'and the unit that runs it are two',
      run: '[ "$(entered -t unit:simple)" = "$(main simple)" ] && cat "/proc/$(entered -t unit:simple)/comm"',
      says: 'systemd-nspawn\n',
    },
    {
      does: 'by its scope, whose name is escaped',
      run: '[ "$(entered -t "unit:machine-mapped\\x2dx.y.scope")" = "$(entered -t mapped-x.y)" ] && echo same',
      says: 'same\n',
    },
    {
      does: 'has units, by the number of a process',
      run: 'enter -t booted systemctl is-active systemd-journald.service',
      says: 'active\n',
    },
  ],

  'a user’s session': [
    {
      does: 'has units behind its manager',
      run: `main=$(as_joe systemctl --user show --property MainPID --value mine)
      [ "$(entered -t unit:user@1000/mine)" = "$main" ] || echo "root: $(entered -t unit:user@1000/mine), not $main"
      [ "$(as_joe tsenter --explain=json -t unit:mine true | grep -c "\\"pid\\": $main,")" = 1 ] || echo "joe: not $main"
      enter -t unit:user@1000/mine -S follow -G follow id -un`,
      says: 'joe\n',
    },
    {
      does: 'which the system’s names do not mean',
      run: 'enter -t unit:mine true',
      status: 1,
      says: /unit has nothing of this name/,
    },
    {
      does: 'is entered by its user, without root',
      run: 'as_joe tsenter -t unit:mine --preserve-credentials sh -c "id -un; touch /tmp/joes"; ls /tmp/joes',
      status: 2,
      says: "joe\nls: cannot access '/tmp/joes': No such file or directory\n",
    },
    {
      does: 'scopes',
      run: 'tr "\\0" " " <"/proc/$(entered -t unit:user@1000/scoped.scope)/cmdline"',
      says: '/usr/bin/sleep 1032 ',
    },
    {
      does: 'is listed behind its manager',
      run: "tsenter --list=names unit: | grep 'user@1000/.*[ed]\\.s'",
      says: 'unit:user@1000/forked.service\nunit:user@1000/mine.service\nunit:user@1000/scoped.scope\n',
    },
    {
      does: 'tells its user of the main process, and root of the first',
      run: `main=$(as_joe systemctl --user show --property MainPID --value forked)
      [ "$(as_joe tsenter --explain=json -t unit:forked true | grep -c "\\"pid\\": $main,")" = 1 ] && [ "$main" != "$(entered -t unit:user@1000/forked)" ] && tr "\\0" " " <"/proc/$main/cmdline"`,
      says: 'sleep 1034 ',
    },
    {
      does: 'lets its user into a cgroup from within, not from outside',
      run: `as_joe systemd-run --user --quiet -p StandardOutput=file:/home/joe/seen tsenter -t unit:mine -c --preserve-credentials cat /proc/self/cgroup
      until_so grep -c /app.slice/mine.service /home/joe/seen 2>/dev/null | tail -n 1
      as_joe tsenter -t unit:mine -c --preserve-credentials true`,
      status: 1,
      says: /^1\n.*tsenter:.* join cgroup .*Permission denied/,
    },
  ],

  'over sshd': [
    {
      does: 'a status',
      run: 'to_here tsenter -t unit:tmp "sh -c \'echo in; exit 3\'"',
      status: 3,
      says: 'in\n',
    },
    { does: 'standard input', run: 'echo word | to_here tsenter -t unit:tmp cat', says: 'word\n' },
    {
      does: 'a terminal and its ^C',
      run: `mkfifo /tmp/keys; to_here -tt tsenter -t unit:tmp sleep 1102 </tmp/keys & exec 3>/tmp/keys
      until_so runs 'sleep 1102'; printf '\\003' >&3; until_so runs_not 'sleep 1102'; exec 3>&-; wait $!; echo "status $?"; rm /tmp/keys`,
      // The kernel sends the signal before it echoes the key: the program's end may come first.
      says: /^(?:\^C)?status 255\n$/,
    },
    {
      does: 'a terminal, --pty and its ^C',
      run: `mkfifo /tmp/keys; to_here -tt tsenter --pty -t simple /bin/busybox sleep 1103 </tmp/keys & exec 3>/tmp/keys
      until_so runs '/bin/busybox sleep 1103'; printf '\\003' >&3; until_so runs_not '/bin/busybox sleep 1103'; exec 3>&-; wait $!; echo "status $?"; rm /tmp/keys`,
      says: /^(?:\^C)?status 255\n$/,
    },
    {
      does: 'a shell on a terminal inside',
      run: `mkfifo /tmp/keys; to_here -tt tsenter --pty -t booted </tmp/keys >/tmp/seen & exec 3>/tmp/keys
      until_so grep -q '[#$] ' /tmp/seen; printf 'tty; hostname; exit 5\\n' >&3; wait $!; echo "status $?"; exec 3>&-; rm /tmp/keys; tr -d '\\r' </tmp/seen`,
      says: /^status 5\n(?:.*\n)*?.*\/dev\/pts\/\d+\nbooted\n/,
    },
    {
      does: 'is cut: nothing is left on a terminal',
      run: "cut_while 'sleep 1104' -tt root@127.0.0.1 tsenter -t unit:tmp sleep 1104",
      says: /nothing is left\n$/,
    },
    {
      does: 'is cut: nothing is left on one of its own',
      run: "cut_while '/bin/busybox sleep 1105' -tt root@127.0.0.1 tsenter --pty -t simple /bin/busybox sleep 1105",
      says: /nothing is left\n$/,
    },
    {
      does: 'is cut: what reads its input is told of its end',
      run: "cut_while '/bin/busybox cat - -' root@127.0.0.1 tsenter -t simple /bin/busybox cat - -",
      says: /nothing is left\n$/,
    },
  ],
};

const files = {
  '/etc/guest/library': readFileSync(`${repository}/test/kernels/systemd-guest.sh`, 'utf8'),
  '/etc/guest/before': `
    mkdir -p /srv/root/{bin,dev,etc,proc,run,sys,tmp,usr/bin,var/tmp}
    cp /bin/busybox /srv/root/bin/; for name in sh id cat hostname; do ln -s busybox /srv/root/bin/$name; done
    cp -a /srv/root /srv/machine; echo ID=small >/srv/machine/etc/os-release
    systemctl start --no-block starting started
    systemctl start ${quoted(SERVICES.filter((name) => name !== 'started'))} done
    systemctl start failing
    systemctl start systemd-machined
    # For what has no systemd, older ones mount a hierarchy of version 1, which is not mounted here.
    export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1
    systemd-run --quiet --unit=simple -E SYSTEMD_NSPAWN_UNIFIED_HIERARCHY systemd-nspawn --quiet --keep-unit -M simple -D /srv/machine /bin/busybox sleep 1024
    systemd-run --quiet -E SYSTEMD_NSPAWN_UNIFIED_HIERARCHY systemd-nspawn --quiet -M mapped-x.y -D /srv/machine -x -U /bin/busybox sh -c 'sleep 1025 & sleep 1026'
    systemd-run --quiet -E SYSTEMD_NSPAWN_UNIFIED_HIERARCHY systemd-nspawn --quiet --register=no -M alone -D /srv/machine -x --private-network /bin/busybox sleep 1027
    systemd-run --quiet -E SYSTEMD_NSPAWN_UNIFIED_HIERARCHY systemd-nspawn --quiet -M booted --volatile=yes -D / --boot -- --unit=systemd-journald.service
    until_so test -S /run/user/1000/systemd/private
    as_joe systemd-run --user --quiet --unit=mine -p PrivateTmp=yes -p PrivateUsers=yes sleep 1031
    as_joe systemd-run --user --quiet --scope --unit=scoped sleep 1032 &
    as_joe systemd-run --user --quiet --unit=forked -p Type=forking -p PIDFile=/run/user/1000/forked.pid sh -c 'sleep 1033 & sleep 1034 & echo $! >/run/user/1000/forked.pid'
    for machine in simple mapped-x.y booted; do until_machine $machine; done
    until_so runs '/usr/bin/sleep 1032'
    mains >/run/mains
    until_so eval 'tsenter -t booted systemctl is-active --quiet systemd-journald.service 2>/dev/null'
  `,
};

export interface Done {
  readonly milliseconds: number;
  readonly version: string;
  /** What is wrong with each case, in the order of `casesOf`. */
  readonly wrong: readonly (string | undefined)[];
  /** What its systemd has not: seen not to be there. */
  readonly missing: readonly string[];
}

const cases = Object.entries(groups).flatMap(([group, some]) => some.map((one) => ({ group, ...one })));

/** All of them; of what its systemd has not, that this is not there. */
export const casesOf = (suite: KernelName) =>
  cases.map(({ since, ...one }) => {
    const isThere = since === undefined || since.version <= (versions[suite] ?? 0);
    return isThere ? { ...one, isThere } : { ...one, isThere, status: 1, says: since.before };
  });

function difference({ does, says, status = 0 }: Case, said: string, ended: number): string | undefined {
  const isSaid = typeof says === 'string' ? said === says : says.test(said);
  return isSaid && ended === status ? undefined : `${does}: status ${ended}, not ${status}: ${said}`;
}

/** Fails where the machine does not come up as it is to be. */
export async function doCases(suite: KernelName): Promise<Done> {
  const cases = casesOf(suite);
  const scripts = cases.map(({ run }) => run);
  const { milliseconds, told } = await bootDebian({ suite, units, files, scripts });
  const text = (name: string): string => told.get(name)?.toString() ?? 'it was not done';
  const before = text('before') + text('before.status');
  if (before !== '0\n') throw new Error(`${suite}: ${before}`);
  const wrong = cases.map((one, index) => {
    const name = String(index).padStart(3, '0');
    return difference(one, text(name), Number(told.get(`${name}.status`)?.toString()));
  });
  const missing = cases.filter(({ isThere }) => !isThere).map(({ does }) => does);
  return { milliseconds, version: text('version').trim(), wrong, missing };
}
