import { fromUnicode } from '../hosts/node/bytes.ts';
import { UsageError } from '../sys/errors.ts';
import type { Call } from './call.ts';
import { ENTER_KEYS } from './option-values.ts';
import { asSize, checkSize } from './size.ts';
import type { SpawnOptions } from './spawn-options.ts';

const SPAWN_KEYS = [...ENTER_KEYS, 'stdio', 'env', 'argv0', 'signal', 'detached', 'helperPath'];

/**
 * What the core does not check, because the command line cannot say it.
 *
 * @throws UsageError
 */
export function checkOptions({ program, options }: Call<SpawnOptions>, further: readonly string[]): void {
  checkKeys(options, [...SPAWN_KEYS, ...further]);
  const size = asSize(options.pty);
  if (size) checkSize(size);
  const { argv0 } = options;
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

/** @throws UsageError for a key that is none of `known`: a misspelt one would be passed over in silence */
function checkKeys(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new UsageError(
      'parse',
      fromUnicode(`option ${unknown}`),
      'unknown option',
      `There are ${known.join(', ')}.`,
    );
}
