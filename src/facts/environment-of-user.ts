import type { User } from './passwd.ts';

/**
 * With what login(1) and su(1) say of the user, in the place of what was said of another.
 *
 * @param entersFiles home and shell are paths of the target's: on the host they would be files of its choice
 */
export function environmentOfUser(
  base: readonly string[],
  { name, home, shell }: User,
  entersFiles: boolean,
): string[] {
  const entries = [`USER=${name}`, `LOGNAME=${name}`];
  if (entersFiles) {
    entries.unshift(`HOME=${home}`);
    entries.push(`SHELL=${shell}`);
  }
  const names = entries.map((entry) => entry.slice(0, entry.indexOf('=') + 1));
  const environment = base.filter((entry) => !names.some((beginning) => entry.startsWith(beginning)));
  environment.push(...entries);
  return environment;
}
