import type { OptionValues } from '../options/table.ts';
import { NAMESPACES } from '../sys/namespaces.ts';
import { decimalDigits, isDigits } from './decimal.ts';
import { missingTarget, nothingAsked } from './missing-target.ts';
import { takeControls } from './parse-controls.ts';
import { meanByName, parseName } from './parse-name.ts';
import { directorySource, namespaceSource, parseDescriptor, parseEscape, parseId } from './parse-value.ts';
import type { Program, Request } from './request.ts';
import { parseSignal } from './signals.ts';
import type { Typed } from './taken-for-program.ts';

const SIGKILL = 9;
/** As ssh(1) has it. */
const TILDE = 0x7e;

/**
 * Types and checks the options' values.
 *
 * @param typed the command line that they are of, if they are of one
 * @throws UsageError where a value is malformed, a target is missing or nothing was asked for
 */
export function makeRequest(values: OptionValues, program: Program, typed?: Typed): Request {
  const { target, root, wd, wdns, setuid, setgid, 'net-socket': socket, 'kill-child': killChild } = values;
  const request: Request = {
    target: typeof target === 'string' ? parseTarget(target) : undefined,
    hostRoot: typeof values['host-root'] === 'string' ? values['host-root'] : undefined,
    all: values.all !== undefined,
    namespaces: namespaceSources(values),
    netSocket: typeof socket === 'string' ? parseDescriptor('net-socket', socket) : undefined,
    userParent: values['user-parent'] !== undefined,
    root: root === undefined ? undefined : directorySource(root, 'caller'),
    workingDirectory:
      wd !== undefined
        ? directorySource(wd, 'caller')
        : wdns === undefined
          ? undefined
          : directorySource(wdns, 'inside'),
    uid: typeof setuid === 'string' ? parseId(values, 'setuid', setuid) : undefined,
    gid: typeof setgid === 'string' ? parseId(values, 'setgid', setgid) : undefined,
    preserveCredentials: values['preserve-credentials'] !== undefined,
    keepCapabilities: values['keep-caps'] !== undefined,
    targetEnvironment: values.env !== undefined,
    joinCgroup: values['join-cgroup'] !== undefined,
    followContext: values['follow-context'] !== undefined,
    fork: values['no-fork'] === undefined,
    pty: values.pty !== undefined,
    escape: typeof values.escape === 'string' ? parseEscape(values.escape) : TILDE,
    killChild:
      values['no-kill-child'] !== undefined
        ? undefined
        : typeof killChild === 'string'
          ? parseSignal('kill-child', killChild)
          : SIGKILL,
    forwardSignals: values['no-forward-signals'] === undefined,
    unsealed: values.unsealed !== undefined,
    program,
  };
  if (request.target && 'name' in request.target) meanByName(request, request.target);
  if (values.controls) takeControls(request, values, values.controls, typed);
  if (asksOfTarget(request)) {
    if (!request.target) throw missingTarget(request, typed);
  } else if (
    Object.keys(request.namespaces).length === 0 &&
    !request.root &&
    !request.workingDirectory &&
    request.uid === undefined &&
    request.gid === undefined &&
    request.controls?.user === undefined &&
    request.controls?.group === undefined
  )
    throw nothingAsked(request, typed);
  return request;
}

function namespaceSources(values: OptionValues): Request['namespaces'] {
  const sources: Request['namespaces'] = {};
  for (const { name } of NAMESPACES) {
    const value = values[name];
    if (value !== undefined)
      sources[name] = value === true ? { from: 'target' } : namespaceSource(name, value);
  }
  return sources;
}

function parseTarget(text: string): Request['target'] {
  const colon = text.indexOf(':');
  const digits = decimalDigits(colon < 0 ? text : text.slice(0, colon));
  const inode = colon < 0 ? undefined : text.slice(colon + 1);
  const pid = Number(digits);
  if (
    digits === undefined ||
    pid < 1 ||
    pid > 0x7fff_ffff ||
    (inode !== undefined && (!isDigits(inode) || inode.length > 20))
  )
    return parseName(text);
  return inode === undefined ? { pid } : { pid, inode };
}

function asksOfTarget(request: Request): boolean {
  for (const { name } of NAMESPACES) if (request.namespaces[name]?.from === 'target') return true;
  return (
    request.all ||
    request.netSocket !== undefined ||
    (request.userParent && !request.namespaces.user) ||
    request.targetEnvironment ||
    request.joinCgroup ||
    request.uid === 'follow' ||
    request.gid === 'follow' ||
    request.root?.from === 'target' ||
    request.workingDirectory?.from === 'target' ||
    request.controls?.asTarget !== undefined ||
    request.controls?.groups === 'follow'
  );
}
