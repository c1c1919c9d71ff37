/**
 * What one run showed, as flat fields that can be compared. Only what cannot be equal in two runs of the same
 * program is normalised:
 *
 * - `pid`, `ppid`, `sid` and `pgrp` become relations: the process that was started, itself, outside the PID
 *   namespace (0), or another one. In another PID namespace numbers are given out one after the other: `inside`.
 * - a namespace that is neither the test's nor the target's, because the row makes the caller unshare it, is `new`.
 * - inode numbers of sockets, pipes and anonymous files in the links of descriptors: `socket:[]`.
 * - `boottime` becomes its distance from the clock of the test, in steps of 100 seconds.
 * - stderr: only whether something was written, unless the row says that the text is the program's own. The
 *   wording of messages is tsenter's own, which test/unit has; called as nsenter, nsenter's: messages.test.ts.
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Outcome } from '../support/command.ts';
import { type ProbeReport, parseProbe } from '../support/probe.ts';
import type { Row } from './row.ts';

/** Field to value, in JSON. */
export type Observation = ReadonlyMap<string, string>;

/** What it was seen in: on this machine, or on another one. */
export interface World {
  /** Those of the test and of the target: `mnt:[4026531832]`. */
  readonly namespaces: readonly string[];
  /** The test's own. */
  readonly pidNamespace: string;
  /** In seconds. */
  readonly uptime: number;
}

function namespacesOf(pid: number | 'self'): string[] {
  return readdirSync(`/proc/${pid}/ns`).map((name) => readlinkSync(`/proc/${pid}/ns/${name}`));
}

export function thisWorld(target: number): World {
  return {
    namespaces: [...namespacesOf('self'), ...namespacesOf(target)],
    pidNamespace: readlinkSync('/proc/self/ns/pid'),
    uptime: uptime(),
  };
}

function relation(number: number, report: ProbeReport, outcome: Outcome, world: World): string {
  if (number === 0) return 'outside';
  if (report.ns.pid !== world.pidNamespace) return number === report.pid ? 'self' : 'inside';
  if (number === outcome.pid) return 'started';
  return number === report.pid ? 'self' : 'other';
}

function namespaces(report: ProbeReport, world: World): object {
  const name = (id: string | null): string | null =>
    id === null || world.namespaces.includes(id) ? id : 'new';
  return Object.fromEntries(Object.entries(report.ns).map(([kind, id]) => [kind, name(id)]));
}

function normalise(report: ProbeReport, outcome: Outcome, world: World): object {
  const fds = report.fds.map(({ fd, ...rest }) => [
    fd,
    { ...rest, link: rest.link?.replace(/\[\d+\]$/, '[]') ?? null },
  ]);
  return {
    ...report,
    ns: namespaces(report, world),
    pid: relation(report.pid, report, outcome, world),
    ppid: relation(report.ppid, report, outcome, world),
    sid: relation(report.sid, report, outcome, world),
    pgrp: relation(report.pgrp, report, outcome, world),
    fds: Object.fromEntries(fds),
    boottime: Math.round((report.boottime - world.uptime) / 100),
  };
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(value)) flatten(inner, `${path}.${name}`, into);
  } else {
    into.set(path, JSON.stringify(value));
  }
}

export function observe(row: Row, outcome: Outcome, world: World): Observation {
  const fields = new Map<string, string>();
  const set = (name: string, value: unknown): void => void fields.set(name, JSON.stringify(value));
  set('status', outcome.status);
  set('signal', outcome.signal);
  set('stops', outcome.stops);
  set('orphans', outcome.orphans);
  const stderr = outcome.stderr.toString('latin1');
  set('stderr', row.stderr === 'exact' ? stderr : stderr === '' ? 'nothing' : 'something');

  const report = parseProbe(outcome.report) ?? parseProbe(outcome.stdout);
  set(
    'stdout',
    report !== undefined && outcome.stdout.length > 0 ? '<probe>' : outcome.stdout.toString('latin1'),
  );
  if (report === undefined) set('probe', null);
  else flatten(normalise(report, outcome, world), 'probe', fields);
  return fields;
}

export interface Difference {
  readonly field: string;
  /** In JSON; `absent` when there is no such field. */
  readonly nsenter: string;
  readonly tsenter: string;
}

/** When only one of the two ran the probe, `probe` is one difference, and not a hundred. */
export function differences(nsenter: Observation, tsenter: Observation): Difference[] {
  const summary = (one: Observation): Observation =>
    nsenter.has('probe') === tsenter.has('probe')
      ? one
      : new Map([
          ...[...one].filter(([field]) => !field.startsWith('probe')),
          ['probe', one.has('probe') ? 'null' : '"a document"'],
        ]);
  const [left, right] = [summary(nsenter), summary(tsenter)];
  const fields = [...new Set([...left.keys(), ...right.keys()])];
  return fields
    .map((field) => ({
      field,
      nsenter: left.get(field) ?? 'absent',
      tsenter: right.get(field) ?? 'absent',
    }))
    .filter((one) => one.nsenter !== one.tsenter);
}
