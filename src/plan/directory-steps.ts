import type { OpenDirectory } from '../facts/directory.ts';
import type { Facts } from '../facts/facts.ts';
import type { Request } from '../request/request.ts';
import type { Step } from './steps.ts';

/** Whether what is found at a path is the target's to say. */
export function entersFiles({ namespaces, root }: Facts): boolean {
  return root !== undefined || namespaces.some(({ name }) => name === 'mount');
}

/**
 * The root of the target was opened before its mount namespace is entered, which setns(2) takes from the pidfd: in between
 * the target may have gone to another one, and the program would have the root of where it came from in the namespaces of
 * where it went. To look at /proc/PID/ns again would not tell, for it may have come back; so the root is compared with what
 * was entered. With a namespace by file, or without one, there is nothing that it would have to belong to.
 */
export function rootSteps({ root: wanted }: Request, { namespaces }: Facts, root: OpenDirectory): Step[] {
  const mounts = namespaces.find(({ name }) => name === 'mount');
  const steps: Step[] = [];
  if (wanted?.from === 'target' && mounts && mounts.origin !== 'other')
    steps.push({ step: 'mounted', ...root });
  steps.push({ step: 'chroot', ...root });
  return steps;
}

/**
 * With the credentials that the caller has in the entered user namespace, before those of the program: so nsenter looks
 * `-W` up. Where files are entered the directory must be below the root, whatever the target made of a path, or of its own
 * working directory: otherwise the program would be where the caller came from. Only `-w DIR` asks for that.
 */
export function workingDirectorySteps({ workingDirectory: wanted }: Request, facts: Facts): Step[] {
  const open = facts.workingDirectory;
  const files = entersFiles(facts);
  if (wanted?.from === 'inside') {
    const { path } = wanted;
    if (!files) return [{ step: 'chdir-path', path }];
    return [
      { step: 'chdir-inside', path },
      { step: 'inside', label: path },
    ];
  }
  const steps: Step[] = [];
  if (open) steps.push({ step: 'chdir', ...open });
  if (open && files && wanted?.from === 'target') steps.push({ step: 'inside', label: open.label });
  return steps;
}
