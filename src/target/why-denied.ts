import type { Sys } from '../sys/sys.ts';
import { ifPossible, readIfPossible } from '../sys/system-call.ts';
import { statusOf } from './process-status.ts';
import { denialOf } from './security-module.ts';
import type { Target } from './target.ts';

const CAP_SYS_PTRACE = 19;
/** The one that all others are below (PROC_USER_INIT_INO). */
const INITIAL_USER_NAMESPACE = 'user:[4026531837]';
const ROOT = 0;
const DEBUGGER =
  'Needs the rights of a debugger over the target (ptrace(2), PTRACE_MODE_READ_FSCREDS): the same user and no capability that the caller lacks, or CAP_SYS_PTRACE in its user namespace.';
const MOST_OF_MOUNTS = 1 << 20;
/** What mountinfo has between a mount and the options of its file system (proc_pid_mountinfo(5)). */
const OF_PROC = ' - proc ';

/**
 * Why files of a process are denied that debuggers may read (ptrace(2), PTRACE_MODE_READ_FSCREDS): the same user, none of whose
 * capabilities the caller lacks, or CAP_SYS_PTRACE.
 *
 * @param proc the process's directory in /proc
 */
export function whyDenied(sys: Sys, proc: string, name: string): string {
  const own = statusOf(sys, '/proc/self');
  if (!own) return hiddenProc(sys) ?? DEBUGGER;
  if (own.effective.includes(CAP_SYS_PTRACE)) return whyDebuggerDenied(sys, proc, name);
  const its = statusOf(sys, proc);
  if (!its) return hiddenProc(sys) ?? DEBUGGER;
  const remedy =
    own.uids[1] === ROOT ? 'it takes CAP_SYS_PTRACE in its user namespace.' : 'run tsenter as root.';
  const [owner] = its.uids.filter((uid) => uid !== own.uids[1]);
  if (owner !== undefined)
    return `${name} belongs to ${owner === ROOT ? 'root' : `user id ${owner}`}: ${remedy}`;
  if (its.permitted.some((capability) => !own.permitted.includes(capability)))
    return `${name} has capabilities that the caller lacks: ${remedy}`;
  // Its files are its user's, and root's where it hides (proc_pid(5)).
  if (own.uids[1] !== ROOT && ownerOf(sys, `${proc}/status`) === own.uids[1])
    return `The caller may debug ${name}, and yet ${denialOf(sys, rulesFor(name))}`;
  return `${name} hides from its own user, too (prctl(2), PR_SET_DUMPABLE): ${remedy}`;
}

/** Why nobody may attach to a process whose files may be read (ptrace(2), PTRACE_MODE_ATTACH_REALCREDS). */
export function whyNotAttached(sys: Sys, { proc, label }: Pick<Target, 'proc' | 'label'>): string {
  if (ifPossible(() => sys.readLink(`${proc}/exe`)) === undefined) return whyDenied(sys, proc, label);
  // prctl(2), PR_SET_PTRACER, and the kernel's Documentation/admin-guide/LSM/Yama.rst.
  const scope = readIfPossible(sys, '/proc/sys/kernel/yama/ptrace_scope', 64)?.trim();
  if (scope === '3') return 'With the sysctl kernel.yama.ptrace_scope=3 nobody may, until the next boot.';
  const isPrivileged = statusOf(sys, '/proc/self')?.effective.includes(CAP_SYS_PTRACE);
  if ((scope === '1' || scope === '2') && !isPrivileged)
    return `The sysctl kernel.yama.ptrace_scope=${scope} leaves that to CAP_SYS_PTRACE: run tsenter as root.`;
  return 'Needs the right to attach to the target (ptrace(2), PTRACE_MODE_ATTACH_REALCREDS).';
}

/** By what comes before, or after, the kernel's own question. */
function whyDebuggerDenied(sys: Sys, proc: string, name: string): string {
  const link = (whose: string) => ifPossible(() => sys.readLink(`${whose}/ns/user`));
  // That is for debuggers, too: so it is the file that is denied.
  if (link(proc) !== undefined)
    return `The caller may debug ${name}, and yet ${denialOf(sys, "it takes a rule for the file; a namespace's is / with flags=(attach_disconnected), and has no path without.")}`;
  const denial = denialOf(sys, rulesFor(name));
  return link('/proc/self') === INITIAL_USER_NAMESPACE
    ? `The caller has CAP_SYS_PTRACE, and yet ${denial}`
    : `The caller's CAP_SYS_PTRACE does not count in the user namespace of ${name}, or ${denial}`;
}

function rulesFor(name: string): string {
  return `it takes ptrace (read), and in the profile of ${name} ptrace (readby).`;
}

/** What hides processes of others, where /proc is mounted so (proc(5), hidepid). */
export function hiddenProc(sys: Sys): string | undefined {
  const mounts = readIfPossible(sys, '/proc/self/mountinfo', MOST_OF_MOUNTS, OF_PROC) ?? '';
  // Of several the last one is on top.
  const [proc = ''] = mounts
    .split('\n')
    .filter((line) => line.split(' ')[4] === '/proc')
    .reverse();
  const option = /\bhidepid=\w+/.exec(proc.slice(proc.indexOf(' - ')))?.[0];
  if (option === undefined || option === 'hidepid=0' || option === 'hidepid=off') return undefined;
  return `/proc is mounted with ${option}, which hides the processes of other users: run tsenter as root.`;
}

function ownerOf(sys: Sys, path: string): number | undefined {
  return ifPossible(() => {
    const fd = sys.open(path, 'file');
    const { uid } = sys.status(fd);
    sys.close(fd);
    return uid;
  });
}
