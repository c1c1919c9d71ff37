/** What a row of the table is, and what its observers share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type JobEvent, startJob } from '../support/job.ts';
import type { Recorder } from '../support/recorder.ts';
import type { Place } from './tools.ts';

export interface Situation {
  readonly name: string;
  /** What is done, for the reader of the table. */
  readonly sentence: string;
  /** Milliseconds; a cell that takes longer says so. */
  readonly limit?: number;
  /** A short phrase: what was seen. */
  observe(place: Place): Promise<string>;
}

/** Longer than anything takes to arrive, where nothing announces that nothing will come. */
const MOMENT = 1500;

/** What comes within a moment, if anything does. */
export async function soon<T>(promise: Promise<T>, moment = MOMENT): Promise<T | undefined> {
  promise.catch(() => undefined);
  return Promise.race([promise, sleep(moment, undefined, { ref: false })]);
}

/** How the shell sees it. */
export function described(event: JobEvent | undefined): string {
  if (event === undefined) return 'the tool goes on';
  if (event.what === 'exited') return `the tool exits with ${event.how}`;
  return event.what === 'killed' ? `the tool dies of ${event.how}` : `the tool stops by ${event.how}`;
}

/** Whether the program is still there, a moment after. */
export async function fate(recorder: Recorder): Promise<string> {
  for (let tries = 0; tries < 10 && recorder.pids().length > 0; tries++) await sleep(100);
  return recorder.pids().length > 0 ? 'the program goes on' : 'the program ends';
}

export function times(count: number): string {
  return ['not at all', 'once', 'twice'][count] ?? `${count} times`;
}

/** Of a terminal to which nothing was done. */
export async function freshSettings(): Promise<string> {
  await using job = await startJob(['/bin/true']);
  return (await job.next()).settings;
}
