import { main } from '../../cli/main.ts';
import type { Screens } from '../../cli/screens/screens.ts';
import { renderVersion } from '../../cli/screens/version.ts';
import { bindWithClipanion } from '../../cli/words/clipanion.ts';
import { lookUpIn } from '../../options/lookup.ts';
import { OPTION_ROWS } from '../../options/table.ts';
import * as Errors from '../../sys/errors.ts';
import { NodeHost } from './node-host.ts';
import { load } from './place.ts';

type Help = typeof import('../../cli/screens/help.ts');
type Completion = typeof import('../../cli/completion/completion.ts');
type Explanation = typeof import('../../cli/screens/explain.ts');
type List = typeof import('../../cli/list.ts');
/** What the system throws is told by its class, so that a bundle that catches it has to have those of this one. */
type WithErrors<Module> = (errors: typeof Errors) => Module;
type Failure = typeof import('../../cli/screens/failure.ts');

/** Bundles of their own: to compile and evaluate them takes a tenth of a start, and most starts show none. */
const screens: Screens = {
  help: (host) => (load('./help.cjs') as Help).renderHelp(host),
  version: renderVersion,
  explain: (host, values, program) =>
    (load('./explanation.cjs') as WithErrors<Explanation>)(Errors).printExplanation(host, values, program),
  completion: (host, shell) => (load('./completion.cjs') as Completion).renderCompletion(host, shell),
  list: (host, given, first) => (load('./list.cjs') as WithErrors<List>)(Errors).showList(host, given, first),
  prefix: (host) => (load('./failure.cjs') as Failure).renderPrefix(host),
  failure: (host, error, values) => (load('./failure.cjs') as Failure).renderFailure(host, error, values),
};

/** The command line on Node. */
process.exitCode = main(new NodeHost(), lookUpIn(OPTION_ROWS), bindWithClipanion, () => screens);
