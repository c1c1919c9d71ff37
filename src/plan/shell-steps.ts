import type { Facts } from '../facts/facts.ts';
import type { Step } from './steps.ts';

/** Where a login shell is looked for inside when neither $SHELL nor the passwd entry is one that exists there. */
const USUAL_SHELLS = ['/bin/bash', '/bin/sh', '/bin/ash', '/usr/bin/bash', '/usr/bin/sh'];

export function shellSteps(environment: Facts['environment'], callers: string | undefined): Step[] {
  const shell = environment
    ? environment.find((entry) => entry.startsWith('SHELL='))?.slice('SHELL='.length)
    : callers;
  const candidates = [...(shell?.startsWith('/') ? [shell] : []), undefined, ...USUAL_SHELLS];
  return candidates.map((path) => ({ step: 'shell', path }));
}
