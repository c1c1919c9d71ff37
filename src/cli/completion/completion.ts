import type { Host } from '../../plan/host.ts';
import type { Shell } from '../../request/parse-value.ts';
import { nameOf } from '../screens/name.ts';
import { renderBash } from './bash.ts';
import { renderFish } from './fish.ts';
import { renderZsh } from './zsh.ts';

const RENDERERS: Readonly<Record<Shell, (command: string) => string>> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
};

/** It becomes a word of the script. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

/** `--completion`: the script by which a shell completes the command that this was called as. */
export function renderCompletion(host: Host, shell: Shell): string {
  const name = nameOf(host);
  return RENDERERS[shell](PLAIN_NAME.test(name) ? name : 'tsenter');
}
