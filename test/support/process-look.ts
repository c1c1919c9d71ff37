import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Aspect } from '../../src/request/controls.ts';

/** What a process has of each aspect, as the host sees it: field by field. */
export type ProcessLook = Readonly<Record<string, string>>;

/** Of which aspect each field tells. */
export const FIELDS: Readonly<Record<string, Aspect>> = {
  ipc: 'namespaces',
  net: 'namespaces',
  uts: 'namespaces',
  root: 'root',
  cwd: 'wd',
  MARK: 'env',
  Uid: 'ids',
  Gid: 'ids',
  Groups: 'groups',
  CapBnd: 'caps',
  CapInh: 'caps',
  CapAmb: 'caps',
  NoNewPrivs: 'no-new-privs',
  cgroup: 'cgroup',
  'Max open files': 'limits',
  'Max core file size': 'limits',
  'Max processes': 'limits',
  oom_score_adj: 'oom',
  Umask: 'umask',
  nice: 'sched',
  policy: 'sched',
  io: 'sched',
  Cpus_allowed: 'sched',
  Seccomp: 'seccomp',
};

export function lookAt(pid: number): ProcessLook {
  const read = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'latin1');
  const status = read('status').split('\n');
  const limits = read('limits').split('\n');
  const stat = read('stat')
    .replace(/^.*\) /s, '')
    .split(' ');
  const look: Record<string, string> = {
    root: readlinkSync(`/proc/${pid}/root`),
    cwd: readlinkSync(`/proc/${pid}/cwd`),
    MARK:
      read('environ')
        .split('\0')
        .find((entry) => entry.startsWith('MARK=')) ?? '',
    cgroup: read('cgroup'),
    oom_score_adj: read('oom_score_adj').trim(),
    nice: stat[16] ?? '',
    policy: stat[38] ?? '',
    io: execFileSync('ionice', ['-p', String(pid)], { encoding: 'utf8' }).trim(),
    session: String(stat[3] === String(pid)),
    descriptors: readdirSync(`/proc/${pid}/fd`).join(' '),
  };
  for (const name of ['ipc', 'net', 'uts', 'mnt', 'user'])
    look[name] = readlinkSync(`/proc/${pid}/ns/${name}`);
  for (const field of Object.keys(FIELDS)) {
    const inStatus = status.find((line) => line.startsWith(`${field}:`));
    const inLimits = limits.find((line) => line.startsWith(field));
    if (inStatus !== undefined) look[field] = inStatus.slice(field.length + 1).trim();
    else if (inLimits !== undefined) look[field] = inLimits.slice(26).replace(/\s+/g, ' ').trim();
  }
  return look;
}
