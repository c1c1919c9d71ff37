import { OPTION_ROWS, type OptionName, type OptionRow } from '../../options/table.ts';
import { OPTION_TEXT } from '../../options/text.ts';
import { ASPECTS } from '../../request/controls.ts';
import { SHELLS } from '../../request/parse-value.ts';
import { SIGNAL_NAMES } from '../../request/signals.ts';
import { CAPABILITIES } from '../../sys/capabilities.ts';
import { procFile } from '../../sys/namespaces.ts';
import { FORMATS, WITH_LIST } from '../../target/listing/formats.ts';

/** What is known of the value of an option: the scripts have a function for each source that is no list of words. */
export type Source =
  | { from: 'words'; words: readonly string[] }
  /** separated by commas, each with a sign or without one, but for those that stand alone */
  | { from: 'list'; words: readonly string[]; alone: readonly string[]; orCapitals: boolean }
  | { from: 'targets' }
  /** `file` is what /proc/PID/ns calls it */
  | { from: 'namespaces'; file: string }
  | { from: 'users' | 'groups' | 'directories' | 'files' | 'variables' }
  | { from: 'nothing' };

export interface Offer {
  long: OptionName;
  short: string | undefined;
  value: 'optional' | 'required' | undefined;
  /** what the value is called */
  called: string;
  source: Source;
  summary: string;
  /** the options beside which it is not offered: those that it excludes, or that exclude it, and its contrary */
  beside: readonly OptionName[];
  /** each occurrence counts, so that it is offered again */
  repeats: boolean;
}

/** By what the value is called in the text. */
const SOURCES: Readonly<Record<string, Source>> = {
  'PID|name': { from: 'targets' },
  'user|follow': { from: 'users' },
  'group|follow': { from: 'groups' },
  list: { from: 'words', words: ['follow', 'none', 'keep'] },
  dir: { from: 'directories' },
  signal: { from: 'words', words: [...SIGNAL_NAMES, 'RTMIN', 'RTMAX'] },
  // Of all that it may be, what a shell leaves alone.
  char: { from: 'words', words: ['none', '^]'] },
  shell: { from: 'words', words: SHELLS },
  caps: {
    from: 'list',
    words: ['all', ...CAPABILITIES.map((name) => name.toLowerCase())],
    alone: ['none'],
    orCapitals: true,
  },
  aspects: { from: 'list', words: ASPECTS, alone: ['strict'], orCapitals: false },
  variable: { from: 'variables' },
  name: { from: 'variables' },
  file: { from: 'files' },
  // As env(1), timeout(1) and docker(1) have it.
  status: { from: 'words', words: ['125'] },
  mask: { from: 'words', words: ['022', '027', '077'] },
  format: { from: 'words', words: FORMATS },
};

/** Of the others the last one counts. */
const REPEATED: readonly OptionName[] = ['caps', 'setenv', 'unsetenv', 'env-file'];

/** The options, as each shell's script has them. */
export const OFFERS: readonly Offer[] = OPTION_ROWS.map((row) => ({
  long: row.long,
  short: row.short,
  value: row.value,
  called: OPTION_TEXT[row.long].value ?? '',
  source: sourceOf(row),
  summary: OPTION_TEXT[row.long].summary,
  beside: OPTION_ROWS.filter((other) => areApart(row, other)).map(({ long }) => long),
  repeats: REPEATED.includes(row.long),
}));

function areApart(one: OptionRow, other: OptionRow): boolean {
  const names = (row: OptionRow, name: string) => row.further?.excludes === name || row.contrary === name;
  const list = (row: OptionRow, { long }: OptionRow) => row.long === 'list' && !WITH_LIST.includes(long);
  return names(one, other.long) || names(other, one.long) || list(one, other) || list(other, one);
}

function sourceOf({ long, namespace }: OptionRow): Source {
  if (namespace) return { from: 'namespaces', file: procFile(namespace) };
  // It is found inside.
  if (long === 'wdns') return { from: 'nothing' };
  const called = OPTION_TEXT[long].value ?? '';
  const words = called.split('|');
  return SOURCES[called] ?? (words.length > 1 ? { from: 'words', words } : { from: 'nothing' });
}
