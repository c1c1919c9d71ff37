import { bindWithClipanion } from '../../cli/command.ts';
import { main } from '../../cli/main.ts';
import type { Screens } from '../../cli/screens.ts';
import { renderVersion } from '../../cli/version.ts';
import { NodeSys } from './node-sys.ts';
import { load } from './place.ts';

const read = (): Screens => (load('./screens.cjs') as typeof import('../../cli/screens.ts')).screens;

/** A bundle of their own: to compile and evaluate them would take a tenth of a start that shows none. */
const screens: Screens = {
  help: (sys) => read().help(sys),
  version: renderVersion,
  explanation: (sys, plan) => read().explanation(sys, plan),
  prefix: (sys) => read().prefix(sys),
  failure: (sys, error) => read().failure(sys, error),
};

/** The command line on Node. */
process.exitCode = main(new NodeSys(), bindWithClipanion, screens);
