import { Cli, UsageError as ClipanionUsageError, Command, Option } from 'clipanion';
import type { OptionName, OptionRow, OptionValues } from '../../options/table.ts';
import { UsageError } from '../../sys/errors.ts';
import type { Bind } from './bind.ts';

/**
 * The command as clipanion knows it, with the options that occur, declared from the rows of the option table. The others
 * would make clipanion's state machine larger and nothing else: with all of them it takes a fifth of a start on Node.
 */
function commandWith(rows: readonly OptionRow[]) {
  return class EnterCommand extends Command {
    constructor() {
      super();
      for (const { long, value } of rows) Object.assign(this, { [long]: declare(long, value) });
    }

    override execute(): Promise<void> {
      return Promise.reject(new Error('the command is bound by clipanion, not executed'));
    }
  };
}

function declare(long: OptionName, kind: 'optional' | 'required' | undefined): unknown {
  const name = `--${long}`;
  if (kind === undefined) return Option.Boolean(name);
  return kind === 'required' ? Option.String(name) : Option.String(name, { tolerateBoolean: true });
}

/**
 * Binds through clipanion. The words it gets are canonical, so what it cannot parse is a mistake of ours. It gets the last one of each
 * option, which is the one that counts: it copies all that went before with every word.
 */
export const bindWithClipanion: Bind = (tokens) => {
  const last = new Map(tokens.map(({ row, value }) => [row, value]));
  const rows = [...last.keys()];
  const words = Array.from(last, ([{ long }, value]) =>
    value === true ? `--${long}` : `--${long}=${value}`,
  );
  try {
    const command = Cli.from(commandWith(rows)).process(words, {});
    const values: OptionValues = {};
    for (const { long } of rows) {
      const value: unknown = Reflect.get(command, long);
      if (typeof value === 'string' || value === true) values[long] = value;
    }
    return values;
  } catch (error) {
    // clipanion would print its errors on stdout.
    if (error instanceof ClipanionUsageError) throw new UsageError('parse', 'options', error.message);
    throw error;
  }
};
