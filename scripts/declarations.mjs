// Declarations of TypeScript, and the comments in front of them, for what is rendered from both.
import { readFileSync } from 'node:fs';
import { parseSync } from 'oxc-parser';

/** @param files those that were parsed already, by their paths */
export function fileOf(path, files) {
  if (!files.has(path)) {
    const text = readFileSync(path, 'utf8');
    files.set(path, { text, ...parseSync(path, text) });
  }
  return files.get(path);
}

/** The JSDoc comment right in front, without what makes it one; empty: there is none. */
export function commentOf({ start }, { comments, text }) {
  const comment = comments.find(({ end }) => end <= start && text.slice(end, start).trim() === '');
  if (!comment?.value.startsWith('*')) return '';
  return comment.value
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}
