import { bindWithClipanion } from '../../cli/command.ts';
import { main } from '../../cli/main.ts';
import type { Screens } from '../../cli/screens.ts';
import { renderVersion } from '../../cli/version.ts';
import { lookUpIn } from '../../option-lookup.ts';
import { OPTION_ROWS } from '../../options.ts';
import { NodeSys } from './node-sys.ts';
import { load } from './place.ts';

type Help = typeof import('../../cli/help.ts');
type Explanation = typeof import('../../cli/explain.ts');
type Failure = typeof import('../../cli/failure.ts');

/** Bundles of their own: to compile and evaluate them takes a tenth of a start, and most starts show none. */
const screens: Screens = {
  help: (sys) => (load('./help.cjs') as Help).renderHelp(sys),
  version: renderVersion,
  explanation: (sys, plan) => (load('./explanation.cjs') as Explanation).renderExplanation(sys, plan),
  prefix: (sys) => (load('./failure.cjs') as Failure).renderPrefix(sys),
  failure: (sys, error) => (load('./failure.cjs') as Failure).renderFailure(sys, error),
};

/** The command line on Node. */
process.exitCode = main(new NodeSys(), lookUpIn(OPTION_ROWS), bindWithClipanion, () => screens);
