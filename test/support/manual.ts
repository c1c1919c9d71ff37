/** The command lines of the man page, taken from its source. */
import { readFileSync } from 'node:fs';
import { repository } from './programs.ts';

export const manual = `${repository}/man/tsenter.1`;

/** What its displays have of mdoc's escapes: they are ASCII wherever the page is rendered. */
const ESCAPES: Readonly<Record<string, string>> = { e: '\\', '-': '-', '(aq': "'", '&': '' };

/** The lines of a section's displays, as people see them. */
function displayed(section: string): string[] {
  const source = readFileSync(manual, 'utf8');
  const [, text = ''] = new RegExp(`^\\.Sh ${section}\n([\\s\\S]*?)^\\.Sh `, 'm').exec(source) ?? [];
  const displays = [...text.matchAll(/^\.Bd -literal.*\n([\s\S]*?)^\.Ed$|^\.Dl (.*\n)/gm)];
  const lines = displays.flatMap(([, block, line]) => (block ?? line ?? '').trimEnd().split('\n'));
  return lines.map((line) =>
    line.replace(/\\(\([a-z]{2}|.)/g, (escaped, name: string) => {
      const plain = ESCAPES[name];
      if (plain === undefined) throw new Error(`${manual}: unknown escape ${escaped}: ${line}`);
      return plain;
    }),
  );
}

/** Each command as it is typed, of one line or several: one goes on after `\`, `|` and `&&`. What it prints is left out. */
export function commandsOf(section: string): string[] {
  const commands: string[] = [];
  let goesOn = false;
  for (const line of displayed(section)) {
    if (goesOn) commands.push(`${commands.pop()}\n${line}`);
    else if (line.startsWith('$ ')) commands.push(line.slice(2));
    else continue;
    goesOn = /(?:\\|\||&&)$/.test(line);
  }
  return commands;
}
