import { describe, expect, it } from 'vitest';
import { styleFor } from '../../../../src/cli/screens/style.ts';
import { FakeSys } from '../../support/fake-sys.ts';

function coloured(environment: Record<string, string>, terminals: readonly number[], fd: 1 | 2 = 2): boolean {
  const sys = new FakeSys();
  Object.assign(sys.environment, environment);
  for (const terminal of terminals) sys.terminals.add(terminal);
  return styleFor(sys, fd).prefix('tsenter:') !== 'tsenter:';
}

describe('colours', () => {
  it('are for terminals only', () => {
    expect(coloured({}, [2])).toBe(true);
    expect(coloured({}, [])).toBe(false);
  });

  it('depend on the descriptor that is written to', () => {
    expect(coloured({}, [1], 2)).toBe(false);
    expect(coloured({}, [2], 1)).toBe(false);
    expect(coloured({}, [1], 1)).toBe(true);
  });

  it.each([
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '0' }, false],
    [{ NO_COLOR: '' }, true],
    [{ TERM: 'dumb' }, false],
    [{ TERM: 'xterm' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: 'false' }, false],
    [{ FORCE_COLOR: '' }, true],
    [{ FORCE_COLOR: '', NO_COLOR: '1' }, false],
    [{ FORCE_COLOR: '0', NO_COLOR: '' }, false],
  ])('on a terminal with %j: %s', (environment, expected) => {
    expect(coloured(environment, [2])).toBe(expected);
  });

  it.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '3' }, true],
    [{ FORCE_COLOR: 'true' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', TERM: 'dumb' }, true],
    [{ FORCE_COLOR: '0' }, false],
    [{ FORCE_COLOR: '' }, false],
    [{ COLORTERM: 'truecolor', TERM: 'xterm-256color' }, false],
  ])('without a terminal, with %j: %s', (environment, expected) => {
    expect(coloured(environment, [])).toBe(expected);
  });

  it('are the sixteen that every terminal has, and end where they began', () => {
    const sys = new FakeSys();
    sys.terminals.add(1);
    const style = styleFor(sys, 1);
    expect(style.prefix('x')).toBe('\x1b[31m\x1b[1mx\x1b[22m\x1b[39m');
    expect(style.heading('x')).toBe('\x1b[1mx\x1b[22m');
    expect(style.hint('x')).toBe('\x1b[36mx\x1b[39m');
  });

  it('leave text alone where there are none', () => {
    const style = styleFor(new FakeSys(), 1);
    expect([style.prefix('x'), style.heading('x'), style.hint('x')]).toEqual(['x', 'x', 'x']);
  });
});
