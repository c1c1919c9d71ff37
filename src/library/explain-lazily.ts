import { explanationInJson } from '../cli/screens/explanation-json.ts';
import { explain } from '../explain/explain.ts';
import type { Explanation } from '../explain/explanation.ts';
import { toUnicode } from '../hosts/node/bytes.ts';
import type { Call } from './call.ts';
import { heldBy } from './held.ts';
import { LibraryHost } from './host.ts';
import { requestFor } from './planned.ts';
import { seenBy } from './seen.ts';
import type { SpawnOptions } from './spawn-options.ts';

export function explainNow(call: Call<SpawnOptions>): Explanation {
  const host = new LibraryHost(seenBy(call.options));
  try {
    // In Unicode, and without what acts on a terminal.
    return JSON.parse(
      toUnicode(explanationInJson(explain(host, requestFor(call), heldBy(call.options.target)))),
    ) as Explanation;
  } finally {
    host.closeAll();
  }
}
