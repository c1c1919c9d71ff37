/** What texts of --explain=json are to programs that read it, and to users of the library, who get the same object. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { explanationInJson } from '../../../../src/cli/screens/explanation-json.ts';
import type { Explanation } from '../../../../src/explain/explanation.ts';
import { toUnicode } from '../../../../src/hosts/node/bytes.ts';
import { repository } from '../../../support/programs.ts';

it('texts that others wrote are as docs/api.md tells', () => {
  const notes = [Buffer.from('grün'), Buffer.from([0x61, 0xff, 0xc2]), Buffer.from('\x1b[2J\x9b"\\')];
  const written = { notes: notes.map((bytes) => bytes.toString('latin1')) } as unknown as Explanation;
  const json = toUnicode(explanationInJson(written));
  expect(json).not.toMatch(/[^\n -~ü]/);
  expect(JSON.parse(json).notes).toEqual(['grün', 'a\\xff\\xc2', '\x1b[2J\x9b"\\']);

  const [, told = ''] =
    /^### Explanation\n([\s\S]*?)^### /m.exec(readFileSync(`${repository}/docs/api.md`, 'utf8')) ?? [];
  expect(told.replace(/\s+/g, ' ')).toContain(
    'a byte that is no UTF-8 is `\\x` and two hexadecimal digits, and control characters are in it as they are',
  );
});
