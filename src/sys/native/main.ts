import { bindDirectly } from '../../cli/bind.ts';
import { main } from '../../cli/main.ts';
import type { Screens } from '../../cli/screens.ts';
import { renderVersion } from '../../cli/version.ts';
import { Errno, SystemError, TsenterError, UsageError } from '../../errors.ts';
import { nativeSys } from './native-sys.ts';
import type { Natives } from './natives.ts';

declare const native: Natives;

// The other chunks throw the classes that this one catches.
native.errors = { Errno, SystemError, TsenterError, UsageError };

const screens: Screens = {
  help: (sys) => (native.chunk('help', true) as typeof import('./chunks/help.ts')).renderHelp(sys),
  version: renderVersion,
  explanation: (sys, plan) =>
    (native.chunk('explanation', true) as typeof import('./chunks/explanation.ts')).renderExplanation(
      sys,
      plan,
    ),
  prefix: (sys) => (native.chunk('failure', true) as typeof import('./chunks/failure.ts')).renderPrefix(sys),
  failure: (sys, error) =>
    (native.chunk('failure', true) as typeof import('./chunks/failure.ts')).renderFailure(sys, error),
};

/** The command line in the native executable: the chunk that every start evaluates. Its value is the exit status. */
export const status = main(nativeSys(native), bindDirectly, screens);
