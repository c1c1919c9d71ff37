import { renderExplanation } from '../../src/cli/explain.ts';
import { renderFailure, renderPrefix } from '../../src/cli/failure.ts';
import { renderHelp } from '../../src/cli/help.ts';
import type { Screens } from '../../src/cli/screens.ts';
import { renderVersion } from '../../src/cli/version.ts';

/** All of them at hand; the hosts load them when they are asked for. */
export const screens: Screens = {
  help: renderHelp,
  version: renderVersion,
  explanation: renderExplanation,
  prefix: renderPrefix,
  failure: renderFailure,
};
