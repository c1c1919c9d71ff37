import { constants } from 'node:os';
import { toUnicode } from '../hosts/node/bytes.ts';
import { TsenterError } from '../sys/errors.ts';
import { escapeControls } from '../sys/escape.ts';
import { hintInKeys, objectInKeys } from './wording.ts';

/**
 * An error as users of the library get it: with its keys for the options of the command line, its texts in Unicode, those for people without what
 * acts on a terminal or a log, and `code` as Node names an errno. The core's have one character per byte.
 */
export function forUsers(error: TsenterError): TsenterError {
  // It is theirs already.
  if (error.code !== undefined) return error;
  const { message, verb, reason, stack, errno } = error;
  // What the system says is of what others wrote.
  const object = errno === undefined ? objectInKeys(error.object) : error.object;
  const hint = error.hint === undefined ? undefined : hintInKeys(error.hint);
  const shown = toUnicode(escapeControls(`${verb} ${object}: ${reason}`));
  return Object.assign(error, {
    message: shown,
    object: toUnicode(object),
    reason: toUnicode(reason),
    hint: hint === undefined ? undefined : toUnicode(escapeControls(hint)),
    stack: stack?.replace(message, () => shown),
    code: errno === undefined ? 'ERR_INVALID_ARG_VALUE' : codeOf(errno),
  });
}

/** Calls the core; what it throws is made the users'. */
export function inUnicode<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof TsenterError ? forUsers(error) : error;
  }
}

/** libuv, which node:util asks, knows those that it meets itself. */
function codeOf(errno: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
}

/** Of who was to execute the program, and has said neither that it does nor why not. */
export function endedEarly(helper: string, code: number | null, signal: NodeJS.Signals | null): TsenterError {
  const how = signal === null ? `${helper} ended with status ${code}` : `${signal} ended ${helper}`;
  const cause = `${how} before it was executed`;
  return forUsers(new TsenterError({ verb: 'execute', object: 'program', cause, errno: EPROTO }));
}

export const EPROTO = 71;
