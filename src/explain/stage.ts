import type { Facts } from '../facts/facts.ts';
import type { Host } from '../plan/host.ts';
import type { Plan } from '../plan/plan.ts';
import type { Request } from '../request/request.ts';
import type { NamespaceName } from '../sys/namespaces.ts';
import type { Credentials } from './credentials.ts';
import type { Verdict } from './explanation.ts';
import type { FilesInside } from './files-inside.ts';
import type { Candidate, Refusal } from './joins.ts';
import type { ProgramFound } from './program-inside.ts';

/** What can be known of the steps without taking them: they are gone through one by one, as the kernel would decide. */
export interface Rehearsal {
  failure: Pick<Verdict, 'reason' | 'hint'> | undefined;
  cannotBeTold: string[];
  joined: Set<NamespaceName>;
  refused: Map<NamespaceName, Refusal>;
  /** as the program will have them; what it was when a step failed */
  who: Credentials;
  program: ProgramFound | undefined;
}

/** How far it has come. */
export interface Stage {
  readonly host: Host;
  readonly plan: Plan;
  readonly facts: Facts;
  readonly request: Request;
  readonly candidates: ReadonlyMap<NamespaceName, Candidate>;
  readonly result: Rehearsal;
  from: string;
  remembered: { uid: number | undefined; gid: number | undefined };
  files: FilesInside | undefined;
}

/** The step that is gone through fails, and nothing that follows is taken. */
export function fail(stage: Stage, what: string, errno: number, hint: string | null = null): void {
  stage.result.failure = { reason: `${what}: ${stage.host.describe(errno)}`, hint };
}
