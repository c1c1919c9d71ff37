import { wrap } from '../cli/screens/wrap.ts';

/** Sentences on lines of their own: mdoc sets the space between them. */
export function manParagraph(text: string): string {
  return text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(MARKUP, (_, bold: string | undefined, italic: string) =>
      bold === undefined ? `\\fI${italic}\\fP` : `\\fB${bold}\\fP`,
    )
    .replace(/([.:?)]) (?=[A-Z\\])/g, '$1\n')
    .split('\n')
    .flatMap((sentence) => wrap(sentence, 78))
    .join('\n')
    .replace(/^(?=[.'])/gm, '\\&');
}

/** `*bold*` and `_italic_`, the latter not within a word. */
const MARKUP = /\*([^*]+)\*|(?<![A-Za-z0-9])_([^_]+)_(?![A-Za-z0-9])/g;
