import { NAMESPACES } from '../sys/namespaces.ts';
import {
  renderManAdditions,
  renderManOptions,
  renderManPresets,
  renderReadmeOptions,
} from './option-sections.ts';
import {
  renderKernels,
  renderManKernels,
  renderReadmeKernels,
  renderTriedKernels,
  type TriedKernel,
} from './tried-kernels.ts';
import { renderVocabulary } from './vocabulary.ts';

/** For what is rendered outside of this room, from the types. */
export const namespaceNames: readonly string[] = NAMESPACES.map(({ name }) => name);

type Render = (current: string, tried: readonly TriedKernel[]) => string;

/** The files that are made from the tables: each path with what turns its present text, and what docs/kernels.json has, into the right one. */
export const renderedFiles: Readonly<Record<string, Render>> = {
  'docs/kernels.md': (_, tried) => renderKernels(tried),
  'src/cli/screens/tried-kernels.ts': (_, tried) => renderTriedKernels(tried),
  'helper-c/entry/vocabulary.h': renderVocabulary,
  'man/tsenter.1': (current, tried) => {
    const parts = {
      options: renderManOptions(),
      presets: renderManPresets(),
      additions: renderManAdditions(),
      kernels: renderManKernels(tried),
    };
    return Object.entries(parts).reduce(
      (page, [name, text]) =>
        between(page, `.\\" ${name}: rendered by "npm run render"\n`, text, `\n.\\" end of ${name}`),
      current,
    );
  },
  'README.md': (current, tried) => {
    const parts = { options: renderReadmeOptions(), kernels: renderReadmeKernels(tried) };
    return Object.entries(parts).reduce(
      (page, [name, text]) =>
        between(page, `<!-- ${name}: rendered by "npm run render" -->\n`, text, `\n<!-- end of ${name} -->`),
      current,
    );
  },
};

function between(current: string, begin: string, content: string, end: string): string {
  const start = current.indexOf(begin);
  const stop = current.indexOf(end, start);
  if (start < 0 || stop < 0) throw new Error(`no place between ${begin.trim()} and ${end.trim()}`);
  return current.slice(0, start + begin.length) + content + current.slice(stop);
}
