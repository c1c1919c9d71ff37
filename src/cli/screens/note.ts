import type { Host } from '../../plan/host.ts';
import { escapeControls } from '../../sys/escape.ts';
import { nameOf } from './name.ts';

/** What is no failure, and worth a line to people. */
export function renderNote(host: Host, note: string): string {
  return `${nameOf(host)}: ${escapeControls(note)}\n`;
}
