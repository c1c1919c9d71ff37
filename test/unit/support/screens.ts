import { renderCompletion } from '../../../src/cli/completion/completion.ts';
import { showList } from '../../../src/cli/list.ts';
import { printExplanation } from '../../../src/cli/screens/explain.ts';
import { renderFailure, renderPrefix } from '../../../src/cli/screens/failure.ts';
import { renderHelp } from '../../../src/cli/screens/help.ts';
import type { Screens } from '../../../src/cli/screens/screens.ts';
import { renderVersion } from '../../../src/cli/screens/version.ts';

/** All of them at hand; the hosts load them when they are asked for. */
export const screens: Screens = {
  help: renderHelp,
  version: renderVersion,
  explain: printExplanation,
  completion: renderCompletion,
  list: showList,
  prefix: renderPrefix,
  failure: renderFailure,
};
