import { describe, expect, it } from 'vitest';
import { lookFurther } from '../../../src/options/further.ts';
import { OPTION_ROWS } from '../../../src/options/table.ts';
import { failureOf } from '../support/failure.ts';

const TRY_HELP = "Try 'tsenter --help' for more information.";

describe('lookFurther', () => {
  it.each([
    [true, true],
    ['/a', '/b'],
    ['', ''],
  ] as const)('--wd %j and --wdns %j exclude each other', (wd, wdns) => {
    const check = () => {
      for (const row of OPTION_ROWS) lookFurther({ target: '7', wd, wdns }, row, true);
    };
    expect(failureOf(check)).toBe(`parse options --wdns and --wd: mutually exclusive\n${TRY_HELP}`);
  });
});
