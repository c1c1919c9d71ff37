import { NSENTER_NAMES } from '../cli/screens/name.ts';
import { SENTENCES, type Sentence } from '../cli/screens/sentences.ts';
import { OPTION_ROWS, type OptionRow } from '../options/table.ts';
import { OPTION_TEXT } from '../options/text.ts';
import { STEPS } from '../plan/steps.ts';
import { ASPECTS } from '../request/controls.ts';
import { SIGNAL_NAMES } from '../request/signals.ts';
import { NAMESPACES, procFile } from '../sys/namespaces.ts';

/** The C header that the helper reads step names and namespaces from. */
export function renderVocabulary(): string {
  const steps = Object.keys(STEPS).map((word) => `X("${word}", ${word.replace(/-/g, '_')})`);
  const namespaces = NAMESPACES.map(
    ({ name, flag }) => `X("${name}", "${procFile(name)}", 0x${flag.toString(16)})`,
  );
  return `/* SPDX-License-Identifier: MIT */
/* Rendered from src/plan/steps.ts, src/options/table.ts, src/sys/namespaces.ts and src/cli/screens by "npm run render". */
#ifndef TSENTER_VOCABULARY_H
#define TSENTER_VOCABULARY_H

#define STEPS(X) \\
${rows(steps)}

enum option_value { NO_VALUE, OPTIONAL_VALUE, REQUIRED_VALUE };

/* what a start has to know before it parses: name, letter, value, whether files of a target are entered */
#define OPTIONS(X) \\
${rows(OPTION_ROWS.map(optionEntry))}

/* options that may have a directory behind a '=', and one that may have a signal */
#define DIRECTORY_OPTIONS(X) \\
${rows(withOptional('dir'))}

#define SIGNAL_OPTIONS(X) \\
${rows(withOptional('signal'))}

#define SIGNAL_NAMES(X) \\
${rows(SIGNAL_NAMES.map((name) => `X("${name}")`))}

/* what --as-target may have behind its '=' */
#define ASPECTS(X) \\
${rows([...ASPECTS, 'strict'].map((name) => `X("${name}")`))}

/* in the order of joining: name, file below /proc/PID/ns, CLONE_NEW* bit */
#define NAMESPACES(X) \\
${rows(namespaces)}

/* by which callers know nsenter */
#define NSENTER_NAMES(X) \\
${rows(NSENTER_NAMES.map((name) => `X("${name}")`))}

/* what nsenter says for a step that failed: verb, with what the object begins; sentence, whether the object's rest follows, and what does then */
#define SENTENCES(X) \\
${rows(SENTENCES.filter(({ step }) => step).map(sentenceEntry))}

#endif
`;
}

function sentenceEntry({ verb, object, says }: Sentence): string {
  const [before = '', behind] = says.split('*');
  return `X("${verb}", "${object.replace(/\*$/, '')}", "${before}", ${behind !== undefined}, "${behind ?? ''}")`;
}

function optionEntry({ long, short, value, files }: OptionRow): string {
  const kind = value === undefined ? 'NO_VALUE' : value === 'optional' ? 'OPTIONAL_VALUE' : 'REQUIRED_VALUE';
  return `X("${long}", ${short === undefined ? 0 : `'${short}'`}, ${kind}, ${files ?? false})`;
}

function withOptional(value: string): string[] {
  return OPTION_ROWS.filter((row) => row.value === 'optional' && OPTION_TEXT[row.long].value === value).map(
    ({ long }) => `X("${long}")`,
  );
}

function rows(entries: readonly string[]): string {
  return entries.map((entry) => `\t${entry}`).join(' \\\n');
}
