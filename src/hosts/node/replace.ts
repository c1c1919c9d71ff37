import { descriptorsOf, encodeStep } from '../../plan/encode.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Step } from '../../plan/steps.ts';
import { Errno, SystemError, TsenterError } from '../../sys/errors.ts';
import { fromUnicode } from './bytes.ts';
import { callerName, type Inherited } from './caller.ts';
import { execve, keepOnExec, strerror } from './libc.ts';

/**
 * Executes the helper in place of Node: the process that the user started goes on as a small static C program, with
 * the descriptors, signals and limits that the user gave it.
 *
 * @param words what the caller typed
 */
export function replaceByHelper(
  helper: string,
  plan: Plan,
  words: readonly string[],
  environment: readonly string[],
  caller: Inherited,
): never {
  const own = [...new Set(plan.steps.flatMap(descriptorsOf))];
  const first = plan.program.kind === 'operands' ? plan.program.first : words.length;
  const steps: Step[] = [
    { step: 'skip', count: first },
    ...(plan.sealed ? [{ step: 'seal', fds: own } as const] : []),
    ...restoringSteps(caller, own),
    ...plan.steps,
  ];
  try {
    for (const fd of [...caller.descriptors, ...own]) keepOnExec(fd);
    return execve(
      fromUnicode(helper),
      [callerName() || 'tsenter', ...steps.map((step) => encodeStep(step)), '--', ...words],
      environment,
    );
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const { errno } = error;
    // The words of the steps are what tipped the scales: for the user it is the program that has too many.
    const [object, status] =
      errno === Errno.E2BIG ? [words[first] ?? 'a shell', 126] : [fromUnicode(helper), 1];
    throw new TsenterError({ verb: 'execute', object, cause: strerror(errno), errno, status });
  }
}

function restoringSteps(caller: Inherited, own: readonly number[]): Step[] {
  // Node opens /dev/null in the place of a standard stream that was closed.
  const closed = [0, 1, 2].filter((fd) => !caller.descriptors.includes(fd));
  return [
    ...closed.map((fd) => ({ step: 'close', fd }) as const),
    ...(own.length > 0 ? [{ step: 'close-on-exec', fds: own } as const] : []),
    ...(caller.openFiles === undefined ? [] : [{ step: 'open-files', soft: caller.openFiles } as const]),
    { step: 'signals', ignored: caller.ignored, blocked: caller.blocked },
  ];
}
