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
import { hintInKeys } from './wording.ts';

export function explainNow(call: Call<SpawnOptions>): Explanation {
  const host = new LibraryHost(seenBy(call.options));
  try {
    const explanation = explain(host, requestFor(call), heldBy(call.options.target));
    return JSON.parse(toUnicode(explanationInJson(inKeys(explanation)))) as Explanation;
  } finally {
    host.closeAll();
  }
}

/** With the library's names for the options that are named. */
function inKeys(explanation: Explanation): Explanation {
  const said = (text: string): string => hintInKeys(text) ?? text;
  const { verdict, namespaces, plan, notes } = explanation;
  return {
    ...explanation,
    verdict: { ...verdict, hint: verdict.hint === null ? null : (hintInKeys(verdict.hint) ?? null) },
    namespaces: namespaces.map((one) => ({ ...one, why: one.why === null ? null : said(one.why) })),
    plan: plan.map((line) => ({ ...line, reason: said(line.reason) })),
    notes: notes.map(said),
  };
}
