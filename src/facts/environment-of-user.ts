import type { User } from './passwd.ts';

/** With what login(1) and su(1) say of the user, in the place of what was said of another. */
export function environmentOfUser(base: readonly string[], { name, home, shell }: User): string[] {
  const entries = [`HOME=${home}`, `USER=${name}`, `LOGNAME=${name}`, `SHELL=${shell}`];
  const names = entries.map((entry) => entry.slice(0, entry.indexOf('=') + 1));
  const environment = base.filter((entry) => !names.some((beginning) => entry.startsWith(beginning)));
  environment.push(...entries);
  return environment;
}
