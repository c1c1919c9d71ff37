import type { Step } from './steps.ts';

/** The words of the steps that most command lines lead to none of. */
export function encodeRareStep(step: Step, number: (fd: number) => number): string {
  const { step: word } = step;
  switch (word) {
    case 'exec-context':
      return `${word}=${step.context}`;
    case 'status':
    case 'close':
      return `${word}=${number(step.fd)}`;
    case 'chroot':
    case 'chdir':
      return `${word}=${number(step.fd)}:${step.label}`;
    case 'close-on-exec':
      return `${word}=${step.fds.map(number).join(',')}`;
    case 'open-files':
      return `${word}=${step.soft}`;
    case 'signals':
      return `${word}=${step.ignored}:${step.blocked}`;
    case 'chdir-inside':
      return `${word}=${step.path}`;
    case 'join-cgroup':
      return `${word}=${number(step.procs)}:${step.label}`;
    case 'uid':
    case 'gid':
      return typeof step.id === 'number'
        ? `${word}=${step.id}`
        : `${word}=@${number(step.id.ownerOf)}:${number(step.id.pidfd)}`;
    case 'shell':
      return step.path === undefined ? word : `${word}=${step.path}`;
    default:
      return word;
  }
}
