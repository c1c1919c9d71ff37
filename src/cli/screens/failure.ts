import type { TsenterError } from '../../sys/errors.ts';
import { escapeControls } from '../../sys/escape.ts';
import type { Sys } from '../../sys/sys.ts';
import { styleFor } from './style.ts';

/** `tsenter: VERB OBJECT: CAUSE`, and the hint on a second line. */
export function renderFailure(sys: Sys, { message, hint }: Pick<TsenterError, 'message' | 'hint'>): string {
  const second = hint === undefined ? '' : `${styleFor(sys, 2).hint(escapeControls(hint))}\n`;
  return `${renderPrefix(sys)} ${escapeControls(message)}\n${second}`;
}

/** How messages begin. */
export function renderPrefix(sys: Sys): string {
  return styleFor(sys, 2).prefix('tsenter:');
}
