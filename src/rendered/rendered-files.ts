import {
  renderManAdditions,
  renderManOptions,
  renderManPresets,
  renderReadmeOptions,
} from './option-sections.ts';
import { renderVocabulary } from './vocabulary.ts';

/** The files that are made from the tables: each path with what turns its present text into the right one. */
export const renderedFiles: Readonly<Record<string, (current: string) => string>> = {
  'helper-c/entry/vocabulary.h': renderVocabulary,
  'man/tsenter.1': (current) => {
    const parts = {
      options: renderManOptions(),
      presets: renderManPresets(),
      additions: renderManAdditions(),
    };
    return Object.entries(parts).reduce(
      (page, [name, text]) =>
        between(page, `.\\" ${name}: rendered by "npm run render"\n`, text, `\n.\\" end of ${name}`),
      current,
    );
  },
  'README.md': (current) =>
    between(
      current,
      '<!-- options: rendered by "npm run render" -->\n',
      renderReadmeOptions(),
      '\n<!-- end of options -->',
    ),
};

function between(current: string, begin: string, content: string, end: string): string {
  const start = current.indexOf(begin);
  const stop = current.indexOf(end, start);
  if (start < 0 || stop < 0) throw new Error(`no place between ${begin.trim()} and ${end.trim()}`);
  return current.slice(0, start + begin.length) + content + current.slice(stop);
}
