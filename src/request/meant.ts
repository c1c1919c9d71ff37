import { isDigits } from './decimal.ts';

/** What is said of a habit wherever it is met: the same words, whether a value, the program or an option shows it. */

/**
 * docker's -it as two options of nsenter's: -i has the value `t`, or -t the value `i`. Apart from each other they would enter the IPC
 * namespace alone, with all else of the host: so that is not said.
 *
 * @param target the one that was given beside it
 */
export function terminalOfDocker(target = 'NAME'): string {
  const entered = isDigits(target.split(':', 1)[0] ?? '') ? `${target} --all` : target;
  return `docker's -it can be left out, as in -t ${entered} sh: the program has the input and the terminal of the caller, and with --pty a terminal of its own.`;
}

/** As the other letter of -it is its value. */
export function isTakenForTarget(target?: string): string {
  return `-ti is -t with the value 'i'. ${terminalOfDocker(target)}`;
}

/** docker's and sudo's -u, and their --user. */
export function userMeant(long: 'uts' | 'user', user: string): string {
  return `--${long} takes the file of a namespace; a user, by number or name, is --setuid=${user}`;
}

/** kubectl's -n. */
export function podMeant(namespace: string, pod = 'POD'): string {
  return `A pod's namespace is a part of its name: -t pod:${namespace}/${pod}`;
}

/** docker's -e. */
export function variableMeant(variable: string): string {
  return `A variable of the program is set by --setenv ${variable}`;
}

/** `-t=1`: getopt(3) has the value begin behind the letter. */
export function withoutEquals(letter: string, value: string): string | undefined {
  return /^=[^=]/.test(value)
    ? `A '=' behind a letter is a part of the value: leave it out, as in -${letter} ${value.slice(1)}`
    : undefined;
}
