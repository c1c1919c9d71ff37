import { readFileSync } from 'node:fs';

/**
 * Whether `pid` is a process of somebody else than `helper`, which has made it if that is so told. One that has ended, or is hidden, is nobody's;
 * and where the helper has ended its children have got another parent.
 */
export function isOfAnother(pid: number, helper: number | undefined): boolean {
  const parent = statusOf(pid, /^PPid:\t(\d+)$/m);
  if (parent === undefined || helper === undefined || Number(parent) === helper) return false;
  const state = statusOf(helper, /^State:\t(.)/m);
  return state !== undefined && !'ZX'.includes(state);
}

function statusOf(pid: number, field: RegExp): string | undefined {
  try {
    return field.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}
