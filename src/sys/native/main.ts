import { bindDirectly } from '../../cli/bind.ts';
import { main } from '../../cli/main.ts';
import type { Screens } from '../../cli/screens.ts';
import { renderVersion } from '../../cli/version.ts';
import { Errno, SystemError, TsenterError, UsageError } from '../../errors.ts';
import { NativeSys } from './native-sys.ts';
import type { Natives } from './natives.ts';

const errors = { Errno, SystemError, TsenterError, UsageError };
declare const native: Natives & { errors?: typeof errors };

// The other chunks throw the classes that this one catches.
native.errors = errors;

const screens: Screens = {
  help: (sys) => (native.chunk('help') as typeof import('./chunks/help.ts')).renderHelp(sys),
  version: renderVersion,
  explanation: (sys, plan) =>
    (native.chunk('explanation') as typeof import('./chunks/explanation.ts')).renderExplanation(sys, plan),
  prefix: (sys) => (native.chunk('failure') as typeof import('./chunks/failure.ts')).renderPrefix(sys),
  failure: (sys, error) =>
    (native.chunk('failure') as typeof import('./chunks/failure.ts')).renderFailure(sys, error),
};

/** The command line in the native executable: the chunk that every start evaluates. Its value is the exit status. */
export const status = main(new NativeSys(native), bindDirectly, screens);
