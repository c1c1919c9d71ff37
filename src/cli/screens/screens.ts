import type { Host } from '../../plan/host.ts';
import type { Plan } from '../../plan/plan.ts';
import type { TsenterError } from '../../sys/errors.ts';
import type { Sys } from '../../sys/sys.ts';

/** What only people read. Nothing of it is needed to enter a target; a host may load each when it is asked for. */
export interface Screens {
  help(sys: Sys): string;
  version(host: Host): string;
  explanation(host: Host, plan: Plan): string;
  /** `tsenter:`, as messages begin */
  prefix(sys: Sys): string;
  failure(sys: Sys, error: Pick<TsenterError, 'message' | 'hint'>): string;
}
