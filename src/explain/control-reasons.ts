import type { Step } from '../plan/steps.ts';
import { limitInWords } from '../target/limits.ts';

/** The steps of controls, but for the groups. */
type ControlStep = Extract<
  Step,
  {
    step:
      | 'close-above'
      | 'copy-filters'
      | 'filters'
      | 'oom-score'
      | 'nice'
      | 'scheduler'
      | 'io-priority'
      | 'affinity'
      | 'limit'
      | 'new-session'
      | 'umask'
      | 'no-new-privs'
      | 'capabilities'
      | 'exec-profile';
  }
>;

/** As a person would tell them. */
export function wordsOfControl(step: ControlStep): readonly [does: string, reason: string] {
  switch (step.step) {
    case 'close-above':
      return [
        `keep the caller's descriptors above ${step.last} from the program`,
        'they lead to files of the host',
      ];
    case 'copy-filters':
      return [
        `read the seccomp filters of process ${step.pid}, which stands still meanwhile`,
        'the kernel shows them to nobody inside',
      ];
    case 'filters':
      return [
        'install the seccomp filters',
        'last: the target may have written them, and what they answer is to decide over the program alone',
      ];
    case 'oom-score':
      return [
        `be killed for memory with a score of ${step.value}`,
        'before this process hides, after which the file is not its own',
      ];
    case 'nice':
      return [`run with the nice value ${step.value}`, 'it is that of the target'];
    case 'scheduler':
      return [`run with the scheduling policy ${step.policy}`, 'it is that of the target'];
    case 'io-priority':
      return ['read and write with the priority of the target', 'it is that of the target'];
    case 'affinity':
      return [
        `run on the processors ${step.mask}`,
        'after the cgroup was joined, which sets them to its own',
      ];
    case 'limit':
      return [
        `set the limit of ${RESOURCES[step.resource] ?? step.resource} to ${limitInWords(step.soft)}, at most ${limitInWords(step.hard)}`,
        'it is that of the target',
      ];
    case 'new-session':
      return ['begin a session', 'no signal of its group reaches the caller, and no key typed for it'];
    case 'umask':
      return [
        `give new files the mask ${step.mask.toString(8).padStart(3, '0')}`,
        'right before the program',
      ];
    case 'no-new-privs':
      return ['set no_new_privs', 'nothing that is executed gives more'];
    case 'capabilities':
      return [
        'set the capabilities',
        'after the ids, whose change would take some away; nobody gets any back',
      ];
    case 'exec-profile':
      return [
        `have the program executed in the AppArmor profile ${step.profile}`,
        'asked of the /proc of the host, before the one of the target is there',
      ];
  }
}

/** getrlimit(2), by their numbers. */
const RESOURCES =
  'processor time,file size,data,stack,core file size,resident memory,processes,open files,locked memory,address space,file locks,pending signals,message queues,nice value,real-time priority,real-time processor time'.split(
    ',',
  );
