import { renderCompletion } from '../../cli/completion/completion.ts';
import { showList } from '../../cli/list.ts';
import { printExplanation } from '../../cli/screens/explain.ts';
import { renderFailure, renderPrefix } from '../../cli/screens/failure.ts';
import { renderHelp } from '../../cli/screens/help.ts';
import type { Screens } from '../../cli/screens/screens.ts';
import { renderVersion } from '../../cli/screens/version.ts';

/** The chunk of each is loaded when it is called; what --version shows is in that of this module. */
export function nativeScreens(): Screens {
  return {
    help: (host) => renderHelp(host),
    version: renderVersion,
    explain: (host, values, program) => printExplanation(host, values, program),
    completion: (host, shell) => renderCompletion(host, shell),
    list: (host, given, first) => showList(host, given, first),
    prefix: (host) => renderPrefix(host),
    failure: (host, error, values) => renderFailure(host, error, values),
  };
}
