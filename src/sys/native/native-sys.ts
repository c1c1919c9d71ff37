import { SystemError } from '../../errors.ts';
import type { Plan } from '../../plan.ts';
import { encodeStep } from '../../steps.ts';
import type { OpenAs, Sys } from '../sys.ts';
import type { Natives, OpenAsNumber } from './natives.ts';

const OPEN_AS: Readonly<Record<OpenAs, OpenAsNumber>> = { namespace: 0, file: 1, directory: 2, write: 3 };

/** Linux through the natives of the executable that this code is linked into: they are made a Sys in place. */
export function nativeSys(native: Natives): Sys {
  native.systemError = (errno, call) => new SystemError(errno, call);
  return Object.assign(native, {
    host: 'native' as const,
    words: native,
    open: (path: string, as: OpenAs) => native.openAs(path, OPEN_AS[as]),
    run({ program, steps, environment }: Plan): never {
      // Behind the last word argv ends with NULL: no program, a login shell.
      const first = program.kind === 'operands' ? program.first : native.count;
      return native.execute(
        steps.map((step) => encodeStep(step)),
        first,
        environment,
      );
    },
  });
}
