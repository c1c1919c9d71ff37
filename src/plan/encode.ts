import { encodeRareStep } from './encode-rare.ts';
import type { Step } from './steps.ts';

/**
 * A step as the helper reads it.
 *
 * @param number the number that a descriptor will have in the helper; a spawned helper gets copies
 */
export function encodeStep(step: Step, number: (fd: number) => number = Number): string {
  const { step: word } = step;
  switch (word) {
    case 'undumpable':
    case 'terminal':
    case 'forward-signals':
    case 'fork':
      return word;
    case 'from':
    case 'prefix':
      return `${word}=${step.text}`;
    case 'setns':
    case 'try-setns': {
      let joins = '';
      for (const { namespace, fd } of step.joins)
        joins += `${joins === '' ? '' : ','}${namespace}@${number(fd)}`;
      return step.pidfd === undefined ? `${word}=${joins}` : `${word}=${number(step.pidfd)}:${joins}`;
    }
    case 'die-with-parent':
      return `${word}=${step.signal}`;
    case 'skip':
      return `${word}=${step.count}`;
    case 'seal':
    case 'close-on-exec': {
      let fds = '';
      for (const fd of step.fds) fds += `${fds === '' ? '=' : ','}${number(fd)}`;
      return word + fds;
    }
    default:
      return encodeRareStep(step, number);
  }
}

/** Every descriptor that a step names: what a host has to hand to the helper. */
export function descriptorsOf(step: Step): number[] {
  const found: number[] = [];
  encodeStep(step, (fd) => {
    found.push(fd);
    return fd;
  });
  return found;
}
