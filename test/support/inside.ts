/** A recorder in a container, started through a command that enters it, as the one job of a shell on a terminal. */
import { type Job, type JobOptions, startJob } from './job.ts';
import { Recorder } from './recorder.ts';

export type Io = 'terminal' | 'pipe';

/** A way into a container. */
export interface Way {
  /** The container's root as the host sees it; nothing for the host's own. */
  readonly root: string;
  /** The command line for a program inside. */
  words(program: readonly string[], io: Io): string[];
}

export interface InsideOptions extends JobOptions {
  /** A script for sh, with the command and its program as "$@". */
  readonly script?: string;
  /** Where the program's standard input or output is no terminal. */
  readonly io?: Io;
}

export interface Inside extends AsyncDisposable {
  readonly job: Job;
  readonly recorder: Recorder;
}

/** It has recorded `ready`. */
export async function inside(
  way: Way,
  words: readonly string[],
  { script, io = 'terminal', ...options }: InsideOptions = {},
): Promise<Inside> {
  const recorder = new Recorder(way.root);
  const command = way.words([...recorder.command, ...words], io);
  const job = await startJob(
    script === undefined ? command : ['/bin/sh', '-c', script, 'sh', ...command],
    options,
  ).catch((error: unknown) => {
    recorder[Symbol.dispose]();
    throw error;
  });
  const dispose = async (): Promise<void> => {
    recorder[Symbol.dispose]();
    await job.stop();
  };
  try {
    await recorder.waitFor('ready\n');
  } catch (error) {
    const said = job.terminal.output;
    await dispose();
    throw new Error(`the program did not start: ${said.trim() || String(error)}`);
  }
  return { job, recorder, [Symbol.asyncDispose]: dispose };
}
