import { IMAGE_STEPS, STEPS } from '../plan/steps.ts';
import { NAMESPACES, procFile } from '../sys/namespaces.ts';

/** The C header that the helper reads step names and namespaces from. */
export function renderVocabulary(): string {
  const steps = Object.keys(STEPS).map(entryOf);
  const namespaces = NAMESPACES.map(
    ({ name, flag }) => `X("${name}", "${procFile(name)}", 0x${flag.toString(16)})`,
  );
  return `/* SPDX-License-Identifier: MIT */
/* Rendered from src/plan/steps.ts and src/sys/namespaces.ts by "npm run render". */
#ifndef TSENTER_VOCABULARY_H
#define TSENTER_VOCABULARY_H

#define STEPS(X) \\
${rows(steps)}

/* of the image that executes the program */
#define IMAGE_STEPS(X) \\
${rows(IMAGE_STEPS.map(entryOf))}

/* in the order of joining: name, file below /proc/PID/ns, CLONE_NEW* bit */
#define NAMESPACES(X) \\
${rows(namespaces)}

#endif
`;
}

function entryOf(word: string): string {
  return `X("${word}", ${word.replace(/-/g, '_')})`;
}

function rows(entries: readonly string[]): string {
  return entries.map((entry) => `\t${entry}`).join(' \\\n');
}
