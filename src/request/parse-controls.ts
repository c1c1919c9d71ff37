import type { Control, OptionName, OptionValues } from '../options/table.ts';
import { CAPABILITIES } from '../sys/capabilities.ts';
import { usageError } from '../sys/errors.ts';
import { didYouMean } from '../sys/keys-between.ts';
import {
  ASPECTS,
  type Aspect,
  type AsTarget,
  type CapabilityEdit,
  type Controls,
  type EnvironmentEdit,
} from './controls.ts';
import { nothingAsked } from './missing-target.ts';
import { parseGroups, takeGroup, takeUser } from './parse-ids.ts';
import { parseDescriptor, parseFailureStatus } from './parse-value.ts';
import type { Request } from './request.ts';
import type { Typed } from './taken-for-program.ts';

/**
 * @param given in the order of the command line
 * @param typed tells whether the caller is on a terminal
 * @throws UsageError where a value is malformed
 */
export function takeControls(
  request: Request,
  values: OptionValues,
  given: readonly Control[],
  typed: Typed | undefined,
): void {
  const controls: Controls = {
    asTarget: undefined,
    capabilities: undefined,
    noNewPrivileges: false,
    umask: undefined,
    environment: [],
    newSession: false,
    preservedDescriptors: undefined,
  };
  for (const { long, value } of given) {
    const text = value === true ? '' : value;
    if (long === 'setuid') takeUser(controls, request, text, values.setgid !== undefined);
    else if (long === 'failure-status') request.failureStatus = parseFailureStatus(text);
    else if (long === 'setgid') takeGroup(controls, request, long, text, text);
    else take(controls, long, text);
  }
  // What a failure is says nothing of the program.
  if (given.every(({ long }) => long === 'failure-status')) return;
  request.controls = controls;
  if (!controls.asTarget) return;
  // A pseudo-terminal makes one stream of two, and of each line feed two characters: what goes to a file is to stay as it is.
  const onTerminal = STREAMS.every((fd) => typed?.isTerminal(fd));
  controls.asTarget.asked = askedFor(request, controls.asTarget.aspects);
  meanAsTarget(request, controls, controls.asTarget, onTerminal && values['no-pty'] === undefined);
  if (!entersSomething(request)) throw nothingAsked(request, typed);
}

const STREAMS = [0, 1, 2];

/** `--as-target=caps`: to execute the program here when it is meant to be inside is the worst outcome. */
function entersSomething({
  all,
  namespaces,
  netSocket,
  userParent,
  root,
  workingDirectory,
}: Request): boolean {
  return (
    all ||
    Object.keys(namespaces).length > 0 ||
    netSocket !== undefined ||
    userParent ||
    root !== undefined ||
    workingDirectory !== undefined
  );
}

function take(controls: Controls, long: OptionName, value: string): void {
  switch (long) {
    case 'as-target':
      controls.asTarget = parseAspects(value);
      return;
    case 'caps':
      controls.capabilities = [...(controls.capabilities ?? []), ...parseCapabilities(value)];
      return;
    case 'groups':
      controls.groups = parseGroups(value);
      return;
    case 'no-new-privs':
      controls.noNewPrivileges = true;
      return;
    case 'umask':
      controls.umask = parseUmask(value);
      return;
    case 'setenv':
      controls.environment.push(parseVariable(value));
      return;
    case 'unsetenv':
      controls.environment.push({ change: 'unset', name: variableName('unsetenv', value) });
      return;
    case 'clear-env':
      // What was said before counts no more.
      controls.environment = [{ change: 'clear' }];
      return;
    case 'env-file':
      controls.environment.push({ change: 'file', path: value });
      return;
    case 'new-session':
      controls.newSession = true;
      return;
    case 'close-fds':
      controls.preservedDescriptors ??= 0;
      return;
    case 'preserve-fds':
      controls.preservedDescriptors = parseDescriptor('preserve-fds', value);
      return;
  }
}

/** Read while it stands still: the filters of the target are asked for by name only (ptrace(2), PTRACE_SECCOMP_GET_FILTER). */
const ON_REQUEST: readonly Aspect[] = ['seccomp'];

/** `NAME,…`: these alone. `-NAME,…`, `+NAME,…`: what is usual without, or with, these. */
function parseAspects(text: string): AsTarget {
  const words = text.split(',').filter((word) => word !== '' || text !== '');
  const strict = words.includes('strict');
  const named = words.filter((word) => word !== 'strict');
  const isAlone = named.some((word) => !isSigned(word));
  // A minus that was forgotten would leave nothing of what is usual, the namespaces included.
  if (isAlone && named.some(isSigned))
    throw usageError(
      'parse',
      `aspects '${text}' of --as-target`,
      'some have a sign, and some have none',
      'Names alone are all that is taken; each with - or + changes what is usual.',
    );
  const aspects = new Set<Aspect>(isAlone ? [] : ASPECTS.filter((aspect) => !ON_REQUEST.includes(aspect)));
  for (const word of named) {
    const sign = isSigned(word) ? word.charAt(0) : '';
    const aspect = ASPECTS.find((name) => name === word.slice(sign.length));
    if (aspect === undefined)
      throw usageError(
        'parse',
        `aspect '${word}' of --as-target`,
        'not known',
        didYouMean(word.slice(sign.length), [...ASPECTS, 'strict']) ??
          `There are ${ASPECTS.join(', ')}, and strict.`,
      );
    if (sign === '-') aspects.delete(aspect);
    else aspects.add(aspect);
  }
  return { aspects: [...aspects], asked: [], strict };
}

function isSigned(word: string): boolean {
  return word.startsWith('+') || word.startsWith('-');
}

/** As nsenter's options say it. */
function askedFor(request: Request, aspects: readonly Aspect[]): readonly Aspect[] {
  const said: Partial<Record<Aspect, boolean>> = {
    root: request.root !== undefined,
    wd: request.workingDirectory !== undefined,
    env: request.targetEnvironment,
    cgroup: request.joinCgroup,
    label: request.followContext,
  };
  return aspects.filter((aspect) => said[aspect]);
}

/** What of an entry as the target nsenter's options say as well; what was given counts before it. */
function meanAsTarget(
  request: Request,
  controls: Controls,
  { aspects }: AsTarget,
  onTerminal: boolean,
): void {
  if (aspects.includes('namespaces')) request.all = true;
  if (aspects.includes('root')) request.root ??= { from: 'target' };
  if (aspects.includes('wd')) request.workingDirectory ??= { from: 'target' };
  if (aspects.includes('env')) request.targetEnvironment = true;
  if (aspects.includes('cgroup')) request.joinCgroup = true;
  if (aspects.includes('label')) request.followContext = true;
  if (aspects.includes('fds')) controls.preservedDescriptors ??= 0;
  if (!aspects.includes('session') || !request.fork) return;
  if (onTerminal) request.pty = true;
  controls.newSession = true;
}

/** Octal, as umask(1p) has it. */
function parseUmask(text: string): number {
  const OCTAL = '01234567';
  const isOctal = text.length > 0 && text.length <= 4 && [...text].every((digit) => OCTAL.includes(digit));
  const mask = isOctal ? Number.parseInt(text, 8) : 0o1000;
  if (mask > 0o777) throw usageError('parse', `value '${text}' of --umask`, 'not an octal number up to 777');
  return mask;
}

/** `NAME=VALUE`, or `NAME` for what the caller has (docker(1), systemd-run(1)). */
function parseVariable(text: string): EnvironmentEdit {
  const equals = text.indexOf('=');
  if (equals < 0) return { change: 'keep', name: variableName('setenv', text) };
  return {
    change: 'set',
    name: variableName('setenv', text.slice(0, equals)),
    value: text.slice(equals + 1),
  };
}

function variableName(option: 'setenv' | 'unsetenv', name: string): string {
  if (name === '') throw usageError('parse', `variable of --${option}`, 'it has no name');
  if (name.includes('=')) throw usageError('parse', `variable '${name}' of --${option}`, 'a name has no =');
  return name;
}

/**
 * `none`, `all`, or a list of names: a name or `+NAME` adds, `-NAME` takes away, `=` takes all away, and so does a first one without a
 * sign: `net_raw` is what cap_from_text(3) calls `=cap_net_raw`.
 */
function parseCapabilities(text: string): CapabilityEdit[] {
  const NOTHING: CapabilityEdit = { sign: '=', capabilities: [] };
  if (text === 'none' || text === '') return [NOTHING];
  const edits: CapabilityEdit[] = [];
  for (const [index, word] of text.split(',').entries()) {
    const isReset = word.startsWith('=');
    const rest = isReset ? word.slice(1) : word;
    const sign = rest.startsWith('-') ? '-' : '+';
    const name = isSigned(rest) ? rest.slice(1) : rest;
    if (index > 0 && !isReset && !isSigned(word) && isSigned(text))
      throw usageError(
        'parse',
        `capabilities '${text}' of --caps`,
        'some have a sign, and some have none',
        'Names alone are all that the program gets; each with - or + changes what it would have.',
      );
    if (isReset || (index === 0 && name === rest)) edits.push(NOTHING);
    if (name !== '' || !isReset) edits.push({ sign, capabilities: capabilityNumbers(name) });
  }
  return edits;
}

function capabilityNumbers(name: string): CapabilityEdit['capabilities'] {
  const upper = name.toUpperCase();
  if (upper === 'ALL') return 'all';
  const wanted = upper.startsWith('CAP_') ? upper.slice(4) : upper;
  const number = CAPABILITIES.indexOf(wanted);
  if (number < 0)
    throw usageError(
      'parse',
      `capability '${name}' of --caps`,
      'not known',
      didYouMean(
        wanted,
        CAPABILITIES.map((each) => each.toLowerCase()),
      ) ?? 'A name of capabilities(7), such as net_raw, with +, - or nothing in front; all, none.',
    );
  return [number];
}
