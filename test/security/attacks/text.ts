/** A8: what the target calls itself is shown on the caller's terminal. */

import { run } from '../../support/command.ts';
import type { Attack } from './attack.ts';

/** Sequences that would be acted upon: title, colour, a new line, DEL, C1 (CSI) in UTF-8. */
export const hostile = '\x1b]0;owned\x07\x1b[31mred\r\nnext\tline\x7f\u009b31m\u0085end';

/** What may be in a message: printable text, and the line feeds that end its own lines. */
export function controls(text: Buffer): string[] {
  const decoded = text.toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return decoded.match(/[\x00-\x09\x0b-\x1f\x7f\u0080-\u009f]/g) ?? [];
}

/** The name of a program that is not there, in a message. */
export function showText(): Attack {
  return {
    name: 'escape sequences in a message',
    sentence:
      'The program that is asked for does not exist; its name has escape sequences, line feeds, DEL and C1 controls.',
    run: async (tool, target) => {
      const { stderr } = await run(tool.words(target, {}, [`/no/such/${hostile}`]), { cwd: '/' });
      if (stderr.length === 0) throw new Error('no message');
      const found = controls(stderr);
      const names = [...new Set(found)]
        .map((one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`)
        .join(' ');
      return { succeeded: found.length > 0, seen: found.length > 0 ? `shown: ${names}` : 'none is shown' };
    },
  };
}
