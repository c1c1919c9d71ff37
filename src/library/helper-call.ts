import { fromUnicode } from '../hosts/node/bytes.ts';
import { descriptorsOf, encodeStep } from '../plan/encode.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { Call } from './call.ts';
import { handedOn } from './environment.ts';
import { asSize } from './size.ts';
import type { SpawnOptions } from './spawn-options.ts';
import { type Stdio, streamsOf } from './streams.ts';

/** How the helper is spawned so that it does what is planned. */
export interface HelperCall {
  /** the core's strings, as the environment's */
  words: readonly string[];
  stdio: Exclude<Stdio, null | undefined>[];
  /** undefined: what this process has */
  environment: readonly string[] | undefined;
  /** it has to be an image that nobody inside can overwrite */
  isSealed: boolean;
  /** how many of `stdio` are the program's */
  own: number;
  /** of `stdio` the one by which it tells what becomes of the entry */
  status: number;
  /** and the one by which it is told how large the terminal is, where there is one */
  sizes: number | undefined;
}

/** Behind the program's streams come what the steps use, the status, and sizes. */
export function helperCall(plan: Plan, options: SpawnOptions, { program }: Call<SpawnOptions>): HelperCall {
  const standard = streamsOf(options.stdio);
  const fds = [...new Set(plan.steps.flatMap(descriptorsOf))];
  const status = standard.length + fds.length;
  const inHelper = (fd: number) => standard.length + fds.indexOf(fd);
  const sizes = options.pty ? status + 1 : undefined;
  const own: Step[] = [{ step: 'status', fd: status }];
  if (options.argv0 !== undefined && program !== undefined)
    own.push({ step: 'called', text: fromUnicode(options.argv0) });
  const first: Step[] = [];
  if (plan.sealed) first.push({ step: 'seal', fds });
  if (fds.length > 0) first.push({ step: 'close-on-exec', fds });
  // Behind these: whoever takes it keeps it from what is executed, an image of itself included.
  const terminal: Step[] =
    sizes === undefined
      ? []
      : [{ step: 'pty-size', ...(asSize(options.pty) ?? { columns: 0, rows: 0 }), fd: sizes }];
  const words = plan.program.kind === 'words' ? plan.program.words : [];
  const encoded = [
    ...first.map((step) => encodeStep(step, inHelper)),
    ...terminal.map((step) => encodeStep(step)),
    ...plan.steps.map((step) => encodeStep(step, inHelper)),
  ];
  return {
    words: [...own.map((step) => encodeStep(step)), ...encoded, '--', ...words],
    stdio: [...standard, ...fds, 'pipe', ...(sizes === undefined ? [] : ['pipe' as const])],
    environment: plan.environment ?? handedOn(options.env ?? process.env),
    isSealed: plan.sealed,
    own: standard.length,
    status,
    sizes,
  };
}
