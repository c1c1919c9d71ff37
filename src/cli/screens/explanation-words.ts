import type { Explanation, Identity, NamespaceTold, Place } from '../../explain/explanation.ts';
import type { Host } from '../../plan/host.ts';
import { escapeControls } from '../../sys/escape.ts';
import type { Maps } from '../../target/id-maps.ts';
import { styleFor } from './style.ts';
import { wrap } from './wrap.ts';

/** A heading and what belongs to it: a paragraph each, which is wrapped. */
type Section = readonly [heading: string, paragraphs: readonly string[]];

const WIDTH = 80;
const COLUMN = 12;
/** What is wrapped stands behind the number of a step. */
const HANGING = 4;

/** `--explain`: for people. What others wrote is escaped. */
export function explanationInWords(host: Host, explanation: Explanation): string {
  const style = styleFor(host, 1);
  const { target, verdict } = explanation;
  // Where there is no target nothing is beside it.
  const sections: Section[] =
    !target && !verdict.enters ? [['verdict', verdictIn(explanation)]] : allOf(explanation);
  return sections
    .flatMap(([heading, paragraphs]) =>
      paragraphs.flatMap((paragraph, index) => linesOf(paragraph, index === 0 ? heading : '')),
    )
    .map(([heading, text]) => `${style.heading(heading.padEnd(COLUMN))}${text}\n`)
    .join('');
}

function allOf(explanation: Explanation): Section[] {
  return [
    ['target', targetIn(explanation)],
    ['namespaces', explanation.namespaces.map(namespaceIn)],
    ['ids', idsIn(explanation)],
    ['root', [placeIn(explanation.root)]],
    ['directory', [placeIn(explanation.directory)]],
    ['cgroup', cgroupIn(explanation)],
    ['program', staysIn(explanation)],
    [
      'plan',
      explanation.plan.map(
        ({ does, reason }, index) => `${String(index + 1).padStart(2)}. ${does}: ${reason}`,
      ),
    ],
    ['note', explanation.notes],
    ['verdict', verdictIn(explanation)],
  ];
}

function linesOf(paragraph: string, heading: string): [heading: string, text: string][] {
  const [first = '', ...rest] = wrap(escapeControls(paragraph), WIDTH - COLUMN - HANGING);
  return [[heading, first], ...rest.map((line): [string, string] => ['', ' '.repeat(HANGING) + line])];
}

function targetIn({ target }: Explanation): string[] {
  if (!target) return ['none'];
  const { pid, name, uid, container } = target;
  const process = `process ${pid}${name === null ? '' : ` (${name})`}${uid === null ? '' : `, of user id ${uid}`}`;
  if (!container) return [process];
  const { engine, id, names, proof } = container;
  const called = `${engine}:${names[0] ?? id}${names.length > 0 && names[0] !== id ? ` (${id})` : ''}`;
  const told =
    engine === 'unit'
      ? `the main process of ${called}, or the first one where systemd tells of none; that it is one of it is proven`
      : `the first process of ${called}, as ${engine} has written down; that it is still that one is proven`;
  return [process, `${told}: ${proof}`];
}

function namespaceIn(namespace: NamespaceTold): string {
  return `${namespace.type.padEnd(7)} ${namespaceDetails(namespace)}`;
}

function namespaceDetails({ caller, target, same, owner, action, allowed, why }: NamespaceTold): string {
  if (action === 'passed over') return `passed over, equal to the caller's: ${target ?? caller}`;
  if (action === 'not asked for')
    return `not asked for${target === null ? '' : `, ${same ? 'equal' : 'different'}: ${target}`}`;
  const which = target === null ? "the target's, which cannot be looked at," : target;
  if (action === 'enter again' && allowed === false)
    return `left as it is, ${which}: to enter it again is not permitted`;
  const owned = owner ? `; owner ${owner.namespace}` : '';
  const verdict = allowed === null ? '' : allowed ? '; permitted' : `; not permitted: ${why}`;
  return `${action} ${which}${same || caller === null ? '' : ` from ${caller}`}${owned}${verdict}`;
}

function idsIn({ ids }: Explanation): string[] {
  const { caller, program, maps } = ids;
  const lines = [`the caller is ${identityIn(caller)}`];
  if (program) lines.push(`the program will be ${identityIn(program)}`);
  if (maps)
    lines.push(
      `inside, user ids ${rangesIn(maps.uid)} and group ids ${rangesIn(maps.gid)} are mapped; setgroups(2): ${maps.setgroups ?? 'unknown'}`,
    );
  return lines;
}

function identityIn({ uid, gid, groups }: Identity): string {
  const MOST = 8;
  const shown = groups.slice(0, MOST).join(' ') + (groups.length > MOST ? ' …' : '');
  return `user ${uid}, group ${gid}, ${groups.length === 0 ? 'no other group' : `groups ${shown}`}`;
}

function rangesIn(ranges: Maps['uid']): string {
  const MOST = 4;
  const shown = ranges
    .slice(0, MOST)
    .map(({ inside, outside, count }) =>
      count === 1
        ? `${inside} (outside ${outside})`
        : `${inside} to ${inside + count - 1} (outside from ${outside})`,
    );
  return shown.length === 0 ? 'none' : shown.join(', ') + (ranges.length > MOST ? ', …' : '');
}

function placeIn({ of, path }: Place): string {
  const where = {
    caller: "the caller's",
    namespace: 'that of the mount namespace',
    target: "the target's",
    path: 'as named',
  }[of];
  return path === null ? where : `${where}: ${path}`;
}

function cgroupIn({ cgroup }: Explanation): string[] {
  if (!cgroup) return [];
  const { joins, caller, target, frozen } = cgroup;
  const differ = target.filter((path) => !caller.includes(path));
  const its = differ.length === 0 ? 'the target is in the same' : `the target is in ${differ.join(' ')}`;
  return [`${joins ? 'that of the target' : "the caller's"}; ${its}${frozen ? ', which is frozen' : ''}`];
}

function staysIn({ stays }: Explanation): string[] {
  return stays.map(
    ({ what, program, target }) =>
      `${what}: ${program}${target === null ? '' : target === program ? ', as the target' : `; the target: ${target}`}`,
  );
}

function verdictIn({ verdict }: Explanation): string[] {
  const { enters, reason, hint, cannotBeTold } = verdict;
  if (!enters) return [`entering fails: ${reason}`, ...(hint === null ? [] : [hint])];
  if (cannotBeTold.length === 0) return ['entering should succeed'];
  return [
    'nothing that can be known before speaks against entering',
    ...cannotBeTold.map((what) => `cannot be told before: ${what}`),
  ];
}
