import { type KernelFeatureName, kernelFeatures } from '../options/kernel-features.ts';
import { manParagraph } from './man-text.ts';

/** What `npm run kernels` has seen on a kernel: an entry of docs/kernels.json. */
export interface TriedKernel {
  /** Of Debian. */
  readonly suite: string;
  readonly architecture: string;
  /** As uname(1) has it. */
  readonly version: string;
  /** Title to what was seen: a row of docs/kernels.md. */
  readonly seen: Readonly<Record<string, string>>;
  /** Whether it is there. */
  readonly features: Readonly<Record<KernelFeatureName, boolean>>;
}

/** `5.10` of `5.10.0-32-cloud-amd64`. */
const number = ({ version }: TriedKernel): string => version.split('.', 2).join('.');

const isUsual = ({ architecture }: TriedKernel): boolean => architecture === 'amd64';

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** `Linux 5.10 and 7.2 (on arm64 6.12)` */
function numbers(tried: readonly TriedKernel[]): string {
  const others = tried.filter((one) => !isUsual(one)).map((one) => `on ${one.architecture} ${number(one)}`);
  const usual = `Linux ${listed(tried.filter(isUsual).map(number))}`;
  return others.length === 0 ? usual : `${usual} (${listed(others)})`;
}

/** A module for --version. */
export function renderTriedKernels(tried: readonly TriedKernel[]): string {
  return `/** What \`npm run kernels\` has tried, by way of docs/kernels.json. Rendered by "npm run render". */
export const TRIED_ON = '${numbers(tried)}';
`;
}

/** For the README: a part of a sentence. */
export function renderReadmeKernels(tried: readonly TriedKernel[]): string {
  const lost = features().filter(({ name }) => tried.some((one) => !one.features[name]));
  const lines = lost.map(
    ({ since, title, name }) => `| ${asTyped(title)} | ${since} | ${listed(without(tried, name))} |`,
  );
  return [
    `They run on ${numbers(tried)} as well, where security modules, settings and systemd`,
    'are tried, too: [docs/kernels.md](docs/kernels.md). What older ones have not, as seen there:',
    '',
    '| | since | not on |',
    '| --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** For the section KERNELS of the man page: mdoc(7). */
export function renderManKernels(tried: readonly TriedKernel[]): string {
  return [
    manParagraph(
      `Every release is tried on ${numbers(tried)}, as Debian has them, in machines of their own: the same command lines as nsenter's, every status and signal, settings of the machine, security modules and systemd, and the attacks of`,
    ),
    '.Sx SECURITY .',
    'What an older kernel has not:',
    '.Bl -tag -width "before 5.12"',
    ...features().flatMap(({ since, without: text, name }) => [
      `.It before ${since}`,
      manParagraph(`${text} ${seen(without(tried, name))}`),
    ]),
    '.El',
  ].join('\n');
}

function seen(numbers: readonly string[]): string {
  return numbers.length === 0 ? 'Not tried.' : `Seen on ${listed(numbers)}.`;
}

/** Those that have it not. */
function without(tried: readonly TriedKernel[], name: KernelFeatureName): string[] {
  return tried.filter((one) => isUsual(one) && !one.features[name]).map(number);
}

/** What is typed, in Markdown. */
const asTyped = (title: string): string => title.replace(/--[a-z-]+|PID:inode|:nsid/g, '`$&`');

function features() {
  return (Object.keys(kernelFeatures) as KernelFeatureName[]).map((name) => {
    const { since, name: title, without } = kernelFeatures[name];
    return { name, title, without, since: since.join('.') };
  });
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** docs/kernels.md */
export function renderKernels(tried: readonly TriedKernel[]): string {
  const titles = [...new Set(tried.flatMap((one) => Object.keys(one.seen)))];
  return `# Other kernels

What tsenter does on kernels that people run, as \`npm run kernels\` has seen it: those of Debian's suites, in a machine without hardware
support (\`test/kernels\`). The file is rendered from what that command wrote; no cell is typed in.

${line(['', ...tried.map(({ suite, architecture }) => (architecture === 'amd64' ? suite : `${suite}, ${architecture}`))])}
${line(['---', ...tried.map(() => '---')])}
${line(['kernel', ...tried.map(({ version }) => version)])}
${titles.map((title) => line([title, ...tried.map((one) => one.seen[title] ?? 'not tried')])).join('\n')}
${features()
  .map(({ name, title, since }) =>
    line([`${asTyped(title)} (${since})`, ...tried.map((one) => (one.features[name] ? 'yes' : 'no'))]),
  )
  .join('\n')}

The command lines are those of \`test/conformance/rows.ts\`, and one for each signal that it has no row of; intended differences are those of
\`test/conformance/intended.ts\`, with the reasons. An attack that succeeds is explained in [attacks.md](attacks.md); attacks and terminals are
tried by Node. Settings are those of \`test/kernels/settings.ts\`: what a kernel has not is seen not to be there.
systemd is that of the suite itself. What the last lines name came with the kernel in parentheses, and was used.
`;
}
