import type { Step } from './steps.ts';

/** The steps by which controls are carried out, those without an operand left out. */
type ControlStep = Extract<
  Step,
  {
    step:
      | 'oom-score'
      | 'nice'
      | 'io-priority'
      | 'scheduler'
      | 'affinity'
      | 'limit'
      | 'copy-filters'
      | 'close-above'
      | 'umask'
      | 'groups'
      | 'capabilities'
      | 'exec-profile';
  }
>;

export function encodeControlStep(step: ControlStep, number: (fd: number) => number): string {
  return `${step.step}=${operandOf(step, number)}`;
}

function operandOf(step: ControlStep, number: (fd: number) => number): string {
  switch (step.step) {
    case 'oom-score':
    case 'nice':
    case 'io-priority':
      return String(step.value);
    case 'scheduler':
      return `${step.policy}:${step.priority}`;
    case 'affinity':
      return step.mask;
    case 'limit':
      return `${step.resource}:${step.soft}:${step.hard}`;
    case 'copy-filters':
      return `${step.pid}:${number(step.pidfd)}`;
    case 'close-above':
      return String(step.last);
    case 'umask':
      return step.mask.toString(8);
    case 'groups':
      return step.gids.join(',');
    case 'capabilities': {
      const { bounding, permitted, effective, inheritable, ambient } = step.sets;
      return [bounding, permitted, effective, inheritable, ambient].map(hexadecimal).join(':');
    }
    case 'exec-profile':
      return step.profile;
  }
}

/** As /proc/PID/status has a set: sixteen digits. Numbers have 53 bits, so in two halves. */
function hexadecimal(capabilities: readonly number[]): string {
  const half = (first: number) => {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) if (capabilities.includes(first + bit)) bits += 2 ** bit;
    return bits.toString(16).padStart(8, '0');
  };
  return half(32) + half(0);
}
