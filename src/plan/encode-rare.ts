import { encodeControlStep } from './encode-control.ts';
import type { Step, StepId } from './steps.ts';

/** The steps that encode.ts has not. */
type RareStep = Exclude<
  Step,
  {
    step:
      | 'undumpable'
      | 'terminal'
      | 'forward-signals'
      | 'fork'
      | 'skip'
      | 'seal'
      | 'close-on-exec'
      | 'from'
      | 'prefix'
      | 'setns'
      | 'try-setns'
      | 'die-with-parent';
  }
>;

/** The words of the steps that most command lines lead to none of. */
export function encodeRareStep(step: RareStep, number: (fd: number) => number): string {
  const { step: word } = step;
  switch (word) {
    case 'called':
      return `${word}=${step.text}`;
    case 'pty-size':
      return `${word}=${step.rows}x${step.columns}:${number(step.fd)}`;
    case 'exec-context':
      return `${word}=${step.context}`;
    case 'status':
    case 'close':
      return `${word}=${number(step.fd)}`;
    case 'print':
    case 'print-in-root':
      return `${word}=${number(step.directory)}:${step.file}`;
    case 'alive':
      return `${word}=${number(step.stat)}:${step.label}`;
    case 'mounted':
    case 'chroot':
    case 'chdir':
      return `${word}=${number(step.fd)}:${step.label}`;
    case 'failure-status':
      return `${word}=${step.status}`;
    case 'open-files':
      return `${word}=${step.soft}`;
    case 'signals':
      return `${word}=${step.ignored}:${step.blocked}`;
    case 'pty':
      return step.escape === undefined ? word : `${word}=${step.escape}`;
    case 'chdir-path':
    case 'chdir-inside':
      return `${word}=${step.path}`;
    case 'inside':
      return `${word}=${step.label}`;
    case 'join-cgroup':
      return `${word}=${number(step.procs)}:${step.label}`;
    case 'uid':
    case 'gid':
    case 'pty-inside':
    case 'attach-pty':
      return step.id === undefined ? word : `${word}=${encodeId(step.id)}`;
    case 'ids-of': {
      const { directory, end } = step;
      return `${word}=${number(directory)}:${'pidfd' in end ? number(end.pidfd) : `/${number(end.stat)}`}`;
    }
    case 'owner':
      return `${word}=${number(step.pidfd)}:${step.signal}`;
    case 'shell':
      return step.path === undefined ? word : `${word}=${step.path}`;
    case 'oom-score':
    case 'nice':
    case 'io-priority':
    case 'scheduler':
    case 'affinity':
    case 'limit':
    case 'copy-filters':
    case 'close-above':
    case 'umask':
    case 'groups':
    case 'capabilities':
    case 'exec-profile':
      return encodeControlStep(step, number);
    case 'filters':
    case 'new-session':
    case 'no-new-privs':
    case 'try-drop-groups':
    case 'session-keyring':
    case 'drop-groups':
    case 'keep-caps':
    case 'ambient-caps':
    case 'keep-terminals':
    case 'targets-environment':
      return word;
  }
}

function encodeId(id: StepId): string {
  return id === 'remembered' ? '@' : `${id}`;
}
