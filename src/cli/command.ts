import { Cli, UsageError as ClipanionUsageError, Command, Option } from 'clipanion';
import { UsageError } from '../errors.ts';
import { OPTION_ROWS, type OptionName, type OptionValues } from '../options.ts';
import type { Bind } from './bind.ts';

/** The command as clipanion knows it: its options are declared from the option table. */
class EnterCommand extends Command {
  constructor() {
    super();
    // clipanion has a --help of its own; ours never gets here.
    const rows = OPTION_ROWS.filter((row) => row.long !== 'help');
    Object.assign(this, Object.fromEntries(rows.map((row) => [row.long, declare(row.long, row.value)])));
  }

  override execute(): Promise<void> {
    return Promise.reject(new Error('the command is bound by clipanion, not executed'));
  }

  boundValue(long: OptionName): string | true | undefined {
    const value: unknown = Reflect.get(this, long);
    return typeof value === 'string' || value === true ? value : undefined;
  }
}

function declare(long: OptionName, kind: 'optional' | 'required' | undefined): unknown {
  const name = `--${long}`;
  if (kind === undefined) return Option.Boolean(name);
  return kind === 'required' ? Option.String(name) : Option.String(name, { tolerateBoolean: true });
}

/** Binds through clipanion. The words it gets are canonical, so what it cannot parse is a mistake of ours. */
export const bindWithClipanion: Bind = (tokens) => {
  const cli = Cli.from(EnterCommand);
  const words = tokens.map(({ row, value }) => (value === true ? `--${row.long}` : `--${row.long}=${value}`));
  try {
    const command = cli.process(words, {});
    const values: OptionValues = {};
    if (!(command instanceof EnterCommand)) return values;
    for (const { long } of OPTION_ROWS) {
      const value = command.boundValue(long);
      if (value !== undefined) values[long] = value;
    }
    return values;
  } catch (error) {
    // clipanion would print its errors on stdout.
    if (error instanceof ClipanionUsageError) throw new UsageError('parse', 'options', error.message);
    throw error;
  }
};
