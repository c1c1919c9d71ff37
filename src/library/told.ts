import { fromBytes } from '../hosts/node/bytes.ts';
import { TsenterError } from '../sys/errors.ts';
import { EPROTO, forUsers } from './errors.ts';

/** What the helper has told of an entry (helper-c/entry/report.c). */
export interface Told {
  /** of the child of a fork, as this process counts */
  pid?: number;
  /** it was about to execute the program */
  executes: boolean;
  failure?: TsenterError;
  /** it is not what the helper tells: whoever holds the child before its exec can write there as well */
  isForged?: true;
}

/** More than all that a helper tells. */
export const MOST_TOLD = 64 << 10;

const LAST_STATUS = 255;

export function parseStatus(bytes: Uint8Array): Told {
  if (bytes.length > MOST_TOLD) return forged();
  const told: Told = { executes: false };
  const words = fromBytes(bytes).split('\0');
  // Each is ended by a NUL.
  if (words.pop() !== '') return forged();
  for (let at = 0; at < words.length; ) {
    const record = words[at++];
    if (record === 'exec') told.executes = true;
    else if (record === 'pid') {
      const pid = Number(words[at++]);
      if (told.pid !== undefined || !Number.isSafeInteger(pid) || pid <= 0) return forged();
      told.pid = pid;
    } else if (record === 'failed') {
      const failure = failureOf(words.slice(at, at + FIELDS));
      if (!failure) return forged();
      at += FIELDS;
      told.failure ??= failure;
    } else return forged();
  }
  return told;
}

/** Of `failed`. */
const FIELDS = 6;

function failureOf(fields: readonly string[]): TsenterError | undefined {
  const [errno, status] = fields.slice(0, 2).map(Number);
  const [, , verb, object, cause, hint] = fields;
  if (verb === undefined || object === undefined || cause === undefined || hint === undefined)
    return undefined;
  if (!isNumber(errno, Number.MAX_SAFE_INTEGER) || !isNumber(status, LAST_STATUS)) return undefined;
  const failure = { verb, object, cause, errno, status };
  return forUsers(new TsenterError({ ...failure, ...(hint !== '' && { hint }) }));
}

function isNumber(value: number | undefined, most: number): value is number {
  return Number.isSafeInteger(value) && value !== undefined && value >= 0 && value <= most;
}

export function forged(): Told {
  const cause = 'what is told of it is not what the helper tells';
  const failure = forUsers(new TsenterError({ verb: 'execute', object: 'program', cause, errno: EPROTO }));
  return { executes: false, failure, isForged: true };
}
