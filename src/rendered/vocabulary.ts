import { NSENTER_NAMES } from '../cli/screens/name.ts';
import { SENTENCES, type Sentence } from '../cli/screens/sentences.ts';
import { OPTION_ROWS, type OptionRow } from '../options/table.ts';
import { STEPS } from '../plan/steps.ts';
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

function rows(entries: readonly string[]): string {
  return entries.map((entry) => `\t${entry}`).join(' \\\n');
}
