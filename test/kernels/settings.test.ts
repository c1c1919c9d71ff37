/** The settings of settings.ts on each kernel: one machine goes through them all. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/explain/explanation.ts';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms, programDirectory } from '../support/programs.ts';
import {
  fetchKernel,
  type Kernel,
  type KernelName,
  kernelNames,
  neededKernel,
  quick,
  quickKernels,
} from './kernels.ts';
import { boot, missingEmulator } from './machine.ts';
import { guestTsenter, makeRoot, readOutput } from './root.ts';
import { type Case, type Setting, settings, targets, user } from './settings.ts';

const chosen: readonly KernelName[] = quick ? quickKernels : kernelNames;

/** Each case leaves NAME.status, NAME.out, NAME.err, and, where that is asked, NAME.explained of --explain. */
function scriptOf({ who, words, under = '', told }: Case, name: string): string {
  const run = (command: string, to: string): string =>
    `as ${who} ${command} </dev/null >${to}.out 2>${to}.err 9>${to}.status\n`;
  return (
    (told ? run(`tsenter --explain=json ${words}`, `/tmp/results/${name}.explained`) : '') +
    run(`${under} tsenter ${words}`, `/tmp/results/${name}`)
  );
}

const beginning = `
export PATH=${programDirectory}:\${TSENTER%/*}:$PATH
mkdir /tmp/results
mount -t securityfs securityfs /sys/kernel/security

# Who stays to the end reads from here, where nothing ever comes.
mkfifo /tmp/open
exec 8<>/tmp/open

# as USER COMMAND...: its status goes to descriptor 9 (test/programs/launch.c)
as() {
	who=$1 file=$(which $2); shift 2
	launch 9 groups= gid=$who uid=$who env=PATH=$PATH cwd=/ -- $file "$@"
}

# start NAME COMMAND...: what says "ready NUMBER" and stays; NAME becomes the number
start() {
	name=$1; shift
	mkfifo /tmp/ready-$name
	"$@" </tmp/open >/tmp/ready-$name &
	read -r _ number </tmp/ready-$name
	eval "$name=$number"
}

# replace NUMBER: a child of this shell ends, and a process gets its number, which is $!
cat >/tmp/replace <<'END'
replace() {
	kill $1
	wait $1
	until
		sleep 100000 &
		[ $! = $1 ]
	do
		kill $!
		wait $!
	done
} 2>/dev/null
END
. /tmp/replace
`;

/** held COMMAND...: with the number of a process for VICTIM; once that was pinned, another process gets the number. */
const held = `#!/bin/sh
. /tmp/replace
sleep 100000 &
victim=$!
mkfifo /tmp/paused /tmp/go
exec 5<>/tmp/go
command=$(which $1); shift
pause leave=pidfd_open -- $command $(echo "$@" | sed "s/VICTIM/$victim/g") 3>/tmp/paused 4</tmp/go &
pause=$!
read -r _ _ </tmp/paused
replace $victim
rm /tmp/paused /tmp/go
echo >&5
wait $pause
status=$?
kill $victim
exit $status
`;

function guestScript(): string {
  const starts = Object.entries(targets).map(
    ([name, { who, words }]) => `start ${name} as ${who} ${words} 9>/dev/null\n`,
  );
  const tried = settings.map(({ set = ':', undo = ':', cases }, index) => {
    const each = cases.map((one, at) => scriptOf(one, `${index}-${at}`)).join('');
    return `{
${set}
} 2>/tmp/results/${index}.set && echo made >/tmp/results/${index}.made
${each}{
${undo}
} 2>/tmp/results/${index}.undo
`;
  });
  return `TSENTER=${guestTsenter}\n${beginning}${starts.join('')}${tried.join('')}cp /tmp/results/* /output\n`;
}

/** \`6.12.117+deb13-cloud-amd64\` against \`6.9\`. */
function isAtLeast({ version }: Kernel, [major, minor]: readonly [number, number]): boolean {
  const [first = 0, second = 0] = version.split('.', 2).map(Number);
  return first > major || (first === major && second >= minor);
}

/** Why a kernel has nothing of this. */
function notOfKernel(kernel: Kernel, { since, until }: Setting): string | undefined {
  if (since && !isAtLeast(kernel, since)) return `needs Linux ${since.join('.')}`;
  return until && isAtLeast(kernel, until) ? `is of kernels before ${until.join('.')}` : undefined;
}

/** What a machine has gone through. */
interface Outcome {
  /** What is in a file of the results; undefined where it was not made. */
  text(name: string): string | undefined;
}

async function goThrough(name: KernelName): Promise<Outcome> {
  const kernel = await fetchKernel(name);
  using root = makeRoot({ kernel, script: guestScript(), texts: { '/usr/sbin/held': held } });
  const files = readOutput(await boot({ kernel, root: root.directory }));
  return { text: (file) => files.get(file)?.toString() };
}

/** Two at a time: the third machine starts when the first is off. */
function startAll(): Map<KernelName, Promise<Outcome>> {
  const running = new Map<KernelName, Promise<Outcome>>();
  for (const [index, name] of chosen.entries()) {
    const before = running.get(chosen[index - 2] ?? name) ?? Promise.resolve();
    const outcome = before.then(
      () => goThrough(name),
      () => goThrough(name),
    );
    // It is told by the tests of that kernel.
    outcome.catch(() => undefined);
    running.set(name, outcome);
  }
  return running;
}

function check(outcome: Outcome, name: string, { status, prints, says = /^$/, told }: Case): void {
  const said = outcome.text(`${name}.err`) ?? 'it was not tried';
  expect(said).toMatch(says);
  expect(outcome.text(`${name}.status`)).toContain(`exited ${status}\n`);
  if (prints) expect(outcome.text(`${name}.out`)).toMatch(prints);
  if (!told) return;
  const { verdict } = JSON.parse(outcome.text(`${name}.explained.out`) ?? '') as Explanation;
  expect(verdict).toMatchObject({ enters: status === 0, cannotBeTold: [] });
  // An error says where to read more.
  if (status !== 0)
    expect(`tsenter: ${verdict.reason}\n${verdict.hint === null ? '' : `${verdict.hint}\n`}`).toBe(
      said.replace(/ --explain (?:tells all that it takes\.|shows its maps,)/, ''),
    );
}

function holds(outcome: Outcome, name: string, one: Case): boolean {
  try {
    check(outcome, name, one);
    return true;
  } catch {
    return false;
  }
}

const reason = missingEmulator();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`kernels: ${reason}`, () => undefined);
else {
  let machines: Map<KernelName, Promise<Outcome>>;
  beforeAll(() => {
    buildPrograms();
    machines = startAll();
  });

  describe.each(chosen)('%s', (name) => {
    for (const [index, setting] of settings.entries())
      it(setting.what, async (context) => {
        const kernel = await neededKernel(name, context);
        const missing = notOfKernel(kernel, setting);
        const outcome = await machines.get(name);
        if (outcome === undefined) throw new Error('it was not started');
        if (missing !== undefined) {
          // It cannot be made there, or what is tried with it ends otherwise.
          const isMade = outcome.text(`${index}.set`) === '';
          expect(
            isMade && setting.cases.every((one, at) => holds(outcome, `${index}-${at}`, one)),
            missing,
          ).toBe(false);
          return;
        }
        // The shell says why it could not be made.
        expect(outcome.text(`${index}.set`)).toBe('');
        expect(outcome.text(`${index}.made`)).toBe('made\n');
        expect(outcome.text(`${index}.undo`)).toBe('');
        for (const [at, one] of setting.cases.entries()) {
          try {
            check(outcome, `${index}-${at}`, one);
          } catch (error) {
            throw new Error(`${one.who === user ? 'user' : 'root'}: tsenter ${one.words}: ${error}`);
          }
        }
      });
  });
}
