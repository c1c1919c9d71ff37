import { valueSynopsis } from '../cli/screens/help.ts';
import { OPTION_ROWS, type OptionRow } from '../options/table.ts';
import { OPTION_GROUPS, OPTION_TEXT } from '../options/text.ts';
import { manParagraph } from './man-text.ts';

/** The options as the man page lists them: mdoc(7), a list a group. */
export function renderManOptions(): string {
  return groups()
    .map(({ title, introduction, rows }) =>
      [
        `.Ss ${title}`,
        ...(introduction === '' ? [] : [manParagraph(introduction)]),
        '.Bl -tag -width Ds',
        ...rows.flatMap(manOption),
        '.El',
      ].join('\n'),
    )
    .join('\n');
}

/** What TSENTER_OPTIONS may say, as a part of a sentence. */
export function renderManPresets(): string {
  const rows = OPTION_ROWS.filter(({ preset }) => preset);
  return manEnumeration(rows.map((row) => `${manName(row)}${row.value ? manGluedValue(row) : ''}`));
}

/** What nsenter has not, as a part of a sentence. */
export function renderManAdditions(): string {
  return manEnumeration(OPTION_ROWS.filter(({ origin }) => origin === 'tsenter').map(manName));
}

function manEnumeration(items: readonly string[]): string {
  const last = items.length - 1;
  return items
    .map((item, index) => `.${item}${index < last - 1 ? ' ,' : ''}${index === last - 1 ? '\nand' : ''}`)
    .join('\n');
}

function manName({ long }: OptionRow): string {
  return `Fl \\-${long.replace(/-/g, '\\-')}`;
}

function manGluedValue(row: OptionRow): string {
  const name = OPTION_TEXT[row.long].value ?? '';
  return row.value === 'optional' ? ` Ns Op = Ns Ar ${name}` : ` Ns = Ns Ar ${name}`;
}

function manOption(row: OptionRow): string[] {
  const short = row.short ? `Fl ${row.short}` : '';
  const value = row.value ? manValue(row) : '';
  const long = `${manName(row)}${value}`;
  const [first = '', ...rest] = OPTION_TEXT[row.long].details.map(manParagraph);
  return [`.It ${short ? `${short} , ` : ''}${long}`, first, ...rest.map((text) => `.Pp\n${text}`)];
}

function manValue(row: OptionRow): string {
  const name = OPTION_TEXT[row.long].value?.replace(/\|/g, ' | ') ?? '';
  return row.value === 'optional' ? ` Ns Op = Ns Ar ${name}` : ` Ar ${name}`;
}

/** The options as the README lists them. */
export function renderReadmeOptions(): string {
  return groups()
    .map(({ title, rows }) => `| ${title} | |\n| --- | --- |\n${rows.map(readmeRow).join('\n')}`)
    .join('\n\n');
}

function readmeRow(row: OptionRow): string {
  const short = row.short ? `-${row.short}, ` : '';
  const synopsis = `${short}--${row.long}${valueSynopsis(row)}`.replace(/\|/g, '\\|');
  return `| \`${synopsis}\` | ${OPTION_TEXT[row.long].summary.replace(/</g, '&lt;')} |`;
}

interface Group {
  title: string;
  introduction: string;
  rows: OptionRow[];
}

function groups(): Group[] {
  return Object.entries(OPTION_GROUPS).map(([group, text]) => ({
    ...text,
    rows: OPTION_ROWS.filter((row) => OPTION_TEXT[row.long].group === group),
  }));
}
