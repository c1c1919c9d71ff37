import { describe, expect, it } from 'vitest';
import { renderCompletion } from '../../../../src/cli/completion/completion.ts';
import { OFFERS } from '../../../../src/cli/completion/offers.ts';
import { OPTION_ROWS } from '../../../../src/options/table.ts';
import { SHELLS } from '../../../../src/request/parse-value.ts';
import { parseSignal } from '../../../../src/request/signals.ts';
import { FakeSys } from '../../support/fake-sys.ts';

function offer(name: string) {
  return OFFERS.find(({ long }) => long === name);
}

describe('what is offered', () => {
  it('is every option, and of each value something but where nobody knows it outside', () => {
    expect(OFFERS.map(({ long }) => long)).toEqual(OPTION_ROWS.map(({ long }) => long));
    const unknown = OFFERS.filter(({ value, source }) => value && source.from === 'nothing');
    expect(unknown.map(({ long }) => long)).toEqual(['net-socket', 'wdns', 'preserve-fds']);
  });

  it('is nothing that is excluded, either way round', () => {
    const beside = (name: string) => offer(name)?.beside.filter((other) => other !== 'list');
    expect(beside('wd')).toEqual(['wdns']);
    expect(beside('wdns')).toEqual(['wd']);
    expect(beside('no-fork')).toEqual(['pty', 'new-session']);
    expect(beside('pty')).toEqual(['no-fork', 'no-pty']);
    expect(beside('no-kill-child')).toEqual(['kill-child']);
    expect(offer('host-root')?.beside).toEqual([]);
  });

  it('are signals that are some', () => {
    const source = offer('kill-child')?.source;
    const words = source?.from === 'words' ? source.words : [];
    expect(words).toContain('KILL');
    for (const word of words) expect(() => parseSignal('kill-child', word)).not.toThrow();
  });
});

describe.each(SHELLS)('the script for %s', (shell) => {
  const registered = {
    bash: 'complete -F _tsenter NAME\n',
    zsh: '#compdef NAME\n',
    fish: 'complete -c NAME -f\n',
  };

  it.each([
    ['tsenter', 'tsenter'],
    ['/usr/bin/nsenter', 'nsenter'],
    ['a $(b)', 'tsenter'],
    ["a'b", 'tsenter'],
    ['-eval', 'tsenter'],
  ])('is for the name that it was called by, unless a shell would read it otherwise: %s', (called, name) => {
    const host = new FakeSys();
    host.calledAs = () => called;
    const script = renderCompletion(host, shell);
    expect(script).toContain(registered[shell].replace('NAME', name));
    if (name !== called) expect(script).not.toContain(called);
  });
});
