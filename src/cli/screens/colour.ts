import type { Sys } from '../../sys/sys.ts';

/**
 * Colours are for terminals. NO_COLOR (no-color.org) turns them off, FORCE_COLOR (force-color.org) on; the latter wins.
 */
export function wantsColour(sys: Sys, fd: 1 | 2): boolean {
  const forced = sys.variable('FORCE_COLOR');
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (sys.variable('NO_COLOR')) return false;
  return sys.variable('TERM') !== 'dumb' && sys.isTerminal(fd);
}
