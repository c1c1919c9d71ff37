/** One machine goes through the settings of settings.ts, with the same tsenter and targets, and tells what was not as it is to be. */
import { isDeepStrictEqual } from 'node:util';
import type { Explanation } from '../../src/explain/explanation.ts';
import { programDirectory } from '../support/programs.ts';
import { isAtLeast, type Kernel } from './kernels.ts';
import { boot } from './machine.ts';
import { guestTsenter, makeRoot, readOutput } from './root.ts';
import { type Case, type Setting, settings, targets, user } from './settings.ts';
import type { Userland } from './userland.ts';

interface Tried {
  readonly what: string;
  /** Why the kernel has nothing of it; seen not to be there then. */
  readonly missing: string | undefined;
  readonly wrong: readonly string[];
}

export interface Settled {
  readonly kernel: Kernel;
  readonly milliseconds: number;
  readonly tried: readonly Tried[];
}

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
	exec 7<>/tmp/ready-$name
	"$@" </tmp/open >&7 7>&- &
	read -r _ number <&7
	exec 7>&-
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

/** Why a kernel has nothing of this. */
function notOfKernel(kernel: Kernel, { since, until }: Setting): string | undefined {
  if (since && !isAtLeast(kernel, since)) return `needs Linux ${since.join('.')}`;
  return until && isAtLeast(kernel, until) ? `is of kernels before ${until.join('.')}` : undefined;
}

/** What is in a file of the results; undefined where it was not made. */
type Text = (name: string) => string | undefined;

/** An error says where to read more. */
const withoutAdvice = (said: string): string =>
  said.replace(/ --explain (?:tells all that it takes\.|shows its maps,)/, '');

/** What --explain told otherwise than it came. */
function explainedOtherwise(json: string, status: number, said: string): string | undefined {
  const { verdict } = JSON.parse(json) as Explanation;
  const hint = verdict.hint === null ? '' : `${verdict.hint}\n`;
  const isSo =
    verdict.enters === (status === 0) &&
    isDeepStrictEqual(verdict.cannotBeTold, []) &&
    (status === 0 || `tsenter: ${verdict.reason}\n${hint}` === withoutAdvice(said));
  return isSo ? undefined : `--explain: ${JSON.stringify(verdict)}`;
}

/** What is not as it is to be. */
function differences(text: Text, name: string, one: Case): string | undefined {
  const { status, prints, says = /^$/, told } = one;
  const said = text(`${name}.err`) ?? 'it was not tried';
  const ended = text(`${name}.status`) ?? '';
  const printed = text(`${name}.out`) ?? '';
  const explained = told
    ? explainedOtherwise(text(`${name}.explained.out`) || '{"verdict":{}}', status, said)
    : undefined;
  const asItIsToBe =
    says.test(said) && ended.includes(`exited ${status}\n`) && (prints?.test(printed) ?? true);
  if (asItIsToBe && explained === undefined) return undefined;
  return `${one.who === user ? 'user' : 'root'}: tsenter ${one.words}: ${ended}${printed}${said}${explained ?? ''}`;
}

function tried(kernel: Kernel, text: Text, setting: Setting, index: number): Tried {
  const { what } = setting;
  const missing = notOfKernel(kernel, setting);
  const complaint = text(`${index}.set`);
  const wrong = setting.cases.flatMap((one, at) => differences(text, `${index}-${at}`, one) ?? []);
  if (missing !== undefined) {
    // It cannot be made there, or what is tried with it ends otherwise.
    const isThere = complaint === '' && wrong.length === 0;
    return { what, missing, wrong: isThere ? [`${missing}, and yet it is there`] : [] };
  }
  const made = complaint === '' && text(`${index}.made`) === 'made\n' && text(`${index}.undo`) === '';
  // The shell says why it could not be made.
  return { what, missing, wrong: made ? wrong : [`${complaint}${text(`${index}.undo`)}`] };
}

export async function trySettings(kernel: Kernel, userland?: Userland): Promise<Settled> {
  using root = makeRoot({
    kernel,
    script: guestScript(),
    texts: { '/usr/sbin/held': held },
    ...(userland === undefined ? {} : { userland }),
  });
  const run = await boot({ kernel, root: root.directory });
  const files = readOutput(run);
  const text: Text = (name) => files.get(name)?.toString();
  return {
    kernel,
    milliseconds: run.milliseconds,
    tried: settings.map((setting, index) => tried(kernel, text, setting, index)),
  };
}
