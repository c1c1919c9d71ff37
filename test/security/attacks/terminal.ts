/** A5: the caller's terminal, which is not only in the program's streams. */
import { startTerminal } from '../../support/terminal.ts';
import type { Attack } from './attack.ts';
import { bring } from './enter.ts';
import { NotApplicable } from './not-applicable.ts';
import type { AttackTarget } from './targets.ts';
import type { Tool } from './tools.ts';

/** With a terminal of its own where the tool can give one. */
function words(tool: Tool, target: AttackTarget, program: readonly string[]): string[] {
  try {
    return tool.words(target, { pty: true }, program);
  } catch (error) {
    if (!(error instanceof NotApplicable)) throw error;
    return tool.words(target, {}, program);
  }
}

export function attackTerminal(): Attack {
  return {
    name: "the caller's terminal as descriptor 3",
    sentence:
      'The caller has its terminal open as descriptor 3 and gives the program one of its own, if the tool can; the program types ' +
      'a line into each terminal that it has (TIOCSTI) and writes to those above 2.',
    run: async (tool, target) => {
      const insider = bring(target, 'insider');
      // It stays until it is stopped, whatever is typed: a terminal that ends may end before all of its output is here.
      const script =
        '"$@" 3<>/dev/tty; echo "ended $?"; read -r -t 1 line; echo "line=$line."; while read -r end; do :; done';
      const command = [
        '/bin/bash',
        '--norc',
        '-c',
        script,
        'bash',
        ...words(tool, target, [insider, 'terminal']),
      ];
      await using terminal = startTerminal(command, target.caller);
      const [, status] = await terminal.waitFor(/ended (\d+)/, { timeout: 10_000 });
      const [, line] = await terminal.waitFor(/line=(.*)\./, { timeout: 10_000 });
      const found = [
        ...(line === 'TYPED' ? ['a line was typed into it'] : []),
        ...(terminal.output.includes('WRITTEN') ? ['it was written to'] : []),
      ];
      if (found.length === 0 && status !== '0') throw new Error(`status ${status}: ${terminal.output}`);
      return { succeeded: found.length > 0, seen: found.join(', ') || 'nothing arrived' };
    },
  };
}
