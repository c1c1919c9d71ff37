import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseSignal } from '../../../src/request/signals.ts';
import { UsageError } from '../../../src/sys/errors.ts';

const parse = (text: string) => parseSignal('kill-child', text);

describe('parseSignal', () => {
  it('knows the signals of this machine by name', () => {
    for (const [name, number] of Object.entries(constants.signals)) {
      // Other names of SIGABRT, SIGIO and SIGSYS.
      if (['SIGIOT', 'SIGPOLL', 'SIGUNUSED'].includes(name)) continue;
      expect([name, parse(name)]).toEqual([name, number]);
      expect(parse(name.slice(3).toLowerCase())).toBe(number);
    }
  });

  it.each([
    ['1', 1],
    ['64', 64],
    ['RTMIN', 34],
    ['SIGRTMIN+3', 37],
    ['rtmax', 64],
    ['RTMAX-1', 63],
  ])('%s is %d', (text, number) => {
    expect(parse(text)).toBe(number);
  });

  it.each(['', '0', '65', '-1', '+9', 'NONE', 'SIG', 'SIGSIGTERM', 'RTMIN-1', 'RTMAX+1', 'RTMIN+31', '9 '])(
    "refuses '%s'",
    (text) => {
      expect(() => parse(text)).toThrow(UsageError);
      expect(() => parse(text)).toThrow(`parse signal '${text}' of --kill-child: not a signal`);
    },
  );
});
