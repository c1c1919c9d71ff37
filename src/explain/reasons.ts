import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import { wordsOfControl } from './control-reasons.ts';
import type { PlanLine } from './explanation.ts';

/** The steps as a person would tell them: what is done, and why then. Words that only name something for messages are none. */
export function planInWords({ steps, sealed }: Plan, program: string): PlanLine[] {
  const lines: PlanLine[] = [];
  const why = forkReason(steps);
  if (sealed)
    lines.push({
      step: 'seal',
      does: "go on as a copy of tsenter's executable that cannot be written to",
      reason: 'a program inside could overwrite the file on the host (CVE-2019-5736)',
    });
  for (const step of steps) {
    const words = wordsOf(step, why);
    if (words) lines.push({ step: step.step, does: words[0], reason: words[1] });
  }
  return [
    ...lines.filter(({ step }, index) => step !== 'shell' || lines[index - 1]?.step !== 'shell'),
    { step: '--', does: `execute ${program}`, reason: 'all that it is to have is there now' },
  ];
}

function forkReason(steps: readonly Step[]): string {
  const has = (name: Step['step']) => steps.some(({ step }) => step === name);
  if (has('pty')) return 'somebody has to relay the terminal';
  return has('new-session')
    ? 'who leads a group can begin no session (setsid(2))'
    : 'only children are in an entered PID namespace';
}

const NAMES = (step: Extract<Step, { joins: unknown }>) =>
  step.joins.map(({ namespace }) => namespace).join(', ');

function wordsOf(step: Step, whyFork: string): readonly [does: string, reason: string] | undefined {
  switch (step.step) {
    case 'undumpable':
      return [
        'hide this process from those inside',
        'whoever can trace it could take what it has open of the host',
      ];
    case 'exec-context':
      return [
        `have the program executed in the SELinux context ${step.context}`,
        'asked of the /proc of the host, before the one of the target is there',
      ];
    case 'terminal':
      return ['remember the terminal', 'the program gets it as if nobody stood in between'];
    case 'pty':
      return ['open a pseudo-terminal', "the program is not to reach the caller's"];
    case 'keep-terminals':
      return ["keep the caller's other terminals from the program", 'what is typed there is not for it'];
    case 'try-drop-groups':
      return [
        'drop the supplementary groups, if that is permitted',
        'inside of the user namespace it may be denied',
      ];
    case 'try-setns':
      return [
        `enter what is permitted of ${NAMES(step)}`,
        "with the caller's rights, which count no more once another user namespace is entered",
      ];
    case 'setns':
      return [
        `enter ${NAMES(step)}`,
        step.joins.some(({ namespace }) => namespace === 'user')
          ? 'the user namespace first, which gives the rights over those that it owns'
          : step.pidfd === undefined || step.joins.length < 2
            ? 'it was asked for'
            : 'all at once, so that the target cannot change them in between',
      ];
    case 'alive':
      return [
        'see whether the target still lives',
        'without a pidfd its number may be that of another by now',
      ];
    case 'ids-of':
      return ['remember who the target is', 'from inside, where its user has the number that counts there'];
    case 'forward-signals':
      return [
        'hand on the signals that tsenter gets while it waits',
        'who signals tsenter means the program',
      ];
    case 'fork':
      return ['fork, and wait while a child goes on', whyFork];
    case 'mounted':
      return [
        'compare the root of the target with the mount namespace that was entered',
        'the target may have changed one of them meanwhile',
      ];
    case 'chroot':
      return [`take ${step.label} as the root directory`, 'paths are then those of the target'];
    case 'chdir':
      return [`go to the directory ${step.label}`, 'it was opened before anything was entered'];
    case 'chdir-path':
    case 'chdir-inside':
      return [`go to the directory ${step.path}`, 'as it is found inside'];
    case 'inside':
      return [
        'see whether that is below the root directory',
        'a directory outside of it would lead out of the container',
      ];
    case 'join-cgroup':
      return [
        `move the program into the cgroup ${step.label}`,
        'its limits are to count; the waiting process stays outside of what may be frozen',
      ];
    case 'session-keyring':
      return [
        'make a new session keyring',
        "keys are in no namespace, and the program would have the caller's",
      ];
    case 'drop-groups':
      return [
        'drop the supplementary groups',
        "who becomes another user is not to keep the caller's memberships",
      ];
    case 'groups':
      return [
        `take the supplementary groups ${step.gids.join(', ')}`,
        'before the group and the user id, after which it may not be permitted',
      ];
    case 'keep-caps':
      return ['keep the capabilities over the change of the user id', 'it would take them away'];
    case 'gid':
      return [`become ${idIn(step.id, 'group')}`, 'before the user id, after which it may not be permitted'];
    case 'uid':
      return [`become ${idIn(step.id, 'user')}`, 'nothing that follows needs more'];
    case 'ambient-caps':
      return ['make the capabilities ambient', 'a program of who is not root would lose them'];
    case 'die-with-parent':
      return [
        `have the kernel send signal ${step.signal} when tsenter dies`,
        'the program is not to stay behind',
      ];
    case 'pty-inside':
      return ['open it in the devpts inside, if there is one', 'there the program finds it by its name'];
    case 'attach-pty':
      return ['begin a session on it', 'job control works as on a console'];
    case 'shell':
      return ["look for a login shell ($SHELL, the user's, the usual ones)", 'no program was named'];
    // These only name something for messages, are a host's own, or say what others do.
    case 'prefix':
    case 'skip':
    case 'status':
    case 'failure-status':
    case 'seal':
    case 'close-on-exec':
    case 'close':
    case 'open-files':
    case 'signals':
    case 'from':
    case 'owner':
    case 'called':
    case 'pty-size':
    case 'print':
    case 'print-in-root':
    case 'targets-environment':
      return undefined;
    default:
      return wordsOfControl(step);
  }
}

function idIn(id: number | 'remembered', kind: string): string {
  return id === 'remembered' ? `the ${kind} of the target` : `${kind} id ${id}`;
}
