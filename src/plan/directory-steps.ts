import type { Facts } from '../facts/facts.ts';
import type { Request } from '../request/request.ts';
import type { Step } from './steps.ts';

/** Whether what is found at a path is the target's to say. */
export function entersFiles({ namespaces, root }: Facts): boolean {
  return root !== undefined || namespaces.some(({ name }) => name === 'mount');
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
