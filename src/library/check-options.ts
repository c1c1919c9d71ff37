import { fromUnicode } from '../hosts/node/bytes.ts';
import { UsageError } from '../sys/errors.ts';
import { didYouMean } from '../sys/keys-between.ts';
import type { Call } from './call.ts';
import { isOwn, variablesIn } from './environment.ts';
import { checkType, withoutNul } from './option-types.ts';
import { ENTER_KEYS } from './option-values.ts';
import { asSize, checkSize } from './size.ts';
import type { SpawnOptions } from './spawn-options.ts';

/** What {@link enter} takes. */
export const REPLACE_KEYS: readonly string[] = [...ENTER_KEYS, 'env', 'helperPath'];
/** And what there is besides where there is a child. */
export const SPAWN_KEYS: readonly string[] = [...REPLACE_KEYS, 'stdio', 'argv0', 'signal', 'detached'];

/**
 * What the core does not check, because the command line cannot say it.
 *
 * @param keys all that there are
 * @returns the call with options that were read once
 * @throws UsageError
 */
export function checkOptions<Options extends SpawnOptions>(
  call: Call<Options>,
  keys: readonly string[],
): Call<Options> {
  const { program } = call;
  checkKeys(call.options, keys);
  const options = plainOptions(call.options, keys);
  checkPlaces(options);
  checkVariables(options.env ?? process.env);
  const { detached } = options;
  if (detached !== undefined && typeof detached !== 'boolean')
    throw new UsageError('parse', 'option detached', 'neither true nor false');
  checkSignal(options.signal);
  const size = asSize(options.pty);
  if (size) checkSize(size);
  checkName(program, options.argv0);
  return { ...call, options };
}

function checkName(program: string | undefined, argv0: unknown): void {
  if (argv0 === undefined) return;
  if (typeof argv0 !== 'string' || argv0.includes('\0'))
    throw new UsageError(
      'parse',
      'argv0',
      'not a string without NUL',
      'It is what the program finds as its own name.',
    );
  if (program === undefined)
    throw new UsageError(
      'parse',
      'argv0',
      'no program is named',
      'A login shell is told by its own name that it is one.',
    );
}

/** @throws UsageError where that by which names are looked up is of another type */
export function checkPlaces(options: { hostRoot?: unknown; helperPath?: unknown }): void {
  const { hostRoot, helperPath } = options;
  if (hostRoot !== undefined) {
    checkType('hostRoot', hostRoot);
    withoutNul('option hostRoot', String(hostRoot));
  }
  if (helperPath !== undefined && (typeof helperPath !== 'string' || helperPath.includes('\0')))
    throw new UsageError(
      'parse',
      'option helperPath',
      'not a string without NUL',
      'It is the path of tsenter-helper.',
    );
}

/** One object that has what an options object has from its class or prototype, too, read once. */
function plainOptions<Options extends object>(options: Options, keys: readonly string[]): Options {
  const values = options as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = values[key];
      return value === undefined ? [] : [[key, value]];
    }),
  ) as Options;
}

/** @throws UsageError for what is no object, or a key that is none: a misspelt one would be passed over in silence */
export function checkKeys(options: unknown, keys: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new UsageError('parse', 'options', 'not an object', `There are ${keys.join(', ')}.`);
  const unknown = Object.keys(options).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw new UsageError(
      'parse',
      fromUnicode(`option '${unknown}'`),
      'unknown option',
      keysMeant(unknown, keys) ?? `There are ${keys.join(', ')}.`,
    );
}

/** What child_process, docker(1) and others call what is here. */
const ELSEWHERE = new Map([
  ['user', 'uid'],
  ['group', 'gid'],
  ['pid', 'target'],
  ['container', 'target'],
  ['capabilities', 'caps'],
  ['tty', 'pty'],
  ['workdir', 'cwd'],
  ['encoding', 'as'],
  ...['mnt', 'mount', 'net', 'network', 'ipc', 'uts'].map((name) => [name, 'namespaces'] as const),
]);

function keysMeant(unknown: string, keys: readonly string[]): string | undefined {
  const meant = ELSEWHERE.get(unknown);
  if (meant !== undefined && keys.includes(meant)) return `It is ${meant} here.`;
  return unknown === 'shell'
    ? "A shell is a program as any other: ('sh', ['-c', '...'])."
    : didYouMean(unknown, keys);
}

function checkVariables(env: unknown): void {
  if (env === undefined) return;
  if (typeof env !== 'object' || env === null || Array.isArray(env))
    throw new UsageError('parse', 'option env', 'not an object', 'It is { NAME: value, ... }.');
  // A NUL can be none of this process's own.
  if (isOwn(env)) return;
  for (const [name, value] of variablesIn(env as NodeJS.ProcessEnv))
    withoutNul('option env', `${name}=${value}`);
}

/** As child_process asks: there are other classes of them than Node's. */
function checkSignal(signal: unknown): void {
  const isOne =
    typeof signal === 'object' &&
    signal !== null &&
    'aborted' in signal &&
    'addEventListener' in signal &&
    typeof signal.addEventListener === 'function';
  if (signal !== undefined && !isOne)
    throw new UsageError(
      'parse',
      'option signal',
      'not an AbortSignal',
      'What ends a program is killSignal.',
    );
}
