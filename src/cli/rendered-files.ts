import { renderVocabulary } from './vocabulary.ts';

/** The files that are made from the tables: each path with what turns its present text into the right one. */
export const renderedFiles: Readonly<Record<string, (current: string) => string>> = {
  'helper-c/vocabulary.h': renderVocabulary,
};
