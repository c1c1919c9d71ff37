import type { Sys } from '../sys/sys.ts';
import type { Plan } from './plan.ts';

/** What the command line runs on: the system, what was typed, and what carries a plan out. */
export interface Host extends Sys {
  readonly host: 'node' | 'native';
  /** argv[0], one character per byte; empty where there is none */
  calledAs(): string;
  /** the command line after the program's name, one character per byte */
  readonly words: { readonly count: number; at(index: number): string };
  /** the soft limit of open files that the caller gave, where this process has raised its own */
  openFiles?(): string | undefined;
  /** Executes the plan in this process. Returns only by throwing. */
  run(plan: Plan): never;
}
