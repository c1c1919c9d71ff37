import { fromUnicode } from '../hosts/node/bytes.ts';
import { UsageError } from '../sys/errors.ts';
import type { Call } from './call.ts';
import { ENTER_KEYS } from './option-values.ts';
import { asSize, checkSize } from './size.ts';
import type { SpawnOptions } from './spawn-options.ts';

const SPAWN_KEYS: readonly string[] = [
  ...ENTER_KEYS,
  'stdio',
  'env',
  'argv0',
  'signal',
  'detached',
  'helperPath',
];
const KNOWN: ReadonlySet<string> = new Set(SPAWN_KEYS);

/**
 * What the core does not check, because the command line cannot say it.
 *
 * @throws UsageError
 */
export function checkOptions({ program, options }: Call<SpawnOptions>, further: readonly string[]): void {
  checkKeys(options, further);
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

/** @throws UsageError for a key that is none: a misspelt one would be passed over in silence */
function checkKeys(options: object, further: readonly string[]): void {
  for (const key of Object.keys(options))
    if (!KNOWN.has(key) && !further.includes(key))
      throw new UsageError(
        'parse',
        fromUnicode(`option ${key}`),
        'unknown option',
        `There are ${[...SPAWN_KEYS, ...further].join(', ')}.`,
      );
}
