/** A row's command line and surroundings, with something in the place of its placeholders. */
import type { RunOptions } from '../support/command.ts';
import { program } from '../support/programs.ts';
import type { Row } from './row.ts';

/** `pid` may be a placeholder of its own, for who knows the number. */
export function filled(
  { argv, around }: Pick<Row, 'argv' | 'around'>,
  pid: number | string,
  files: string,
): { readonly argv: string[]; readonly around: RunOptions } {
  const fill = (text: string): string =>
    text
      .replace(/\{pid\}/g, String(pid))
      .replace(/\{probe\}/g, program('probe'))
      .replace(/\{files\}/g, files)
      .replace(/\{ns:(\w+)\}/g, `/proc/${pid}/ns/$1`);
  const { env, cwd, open, ...rest } = around;
  return {
    argv: argv.map(fill),
    around: {
      ...rest,
      ...(cwd === undefined ? {} : { cwd: fill(cwd) }),
      ...(open === undefined ? {} : { open: open.map((one) => ({ ...one, path: fill(one.path) })) }),
      ...(env === undefined
        ? {}
        : { env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])) }),
    },
  };
}
