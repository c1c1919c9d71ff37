import type { Host } from '../../plan/host.ts';
import type { Plan } from '../../plan/plan.ts';
import { callerName, callerWords, inherited } from './caller.ts';
import { NodeSys } from './node-sys.ts';
import { helper } from './place.ts';
import { replaceByHelper } from './replace.ts';

/** The command line on Node, which the helper replaces. */
export class NodeHost extends NodeSys implements Host {
  readonly host = 'node';
  readonly #words = callerWords();

  readonly words = { count: this.#words.length, at: (index: number) => this.#words[index] ?? '' };

  calledAs(): string {
    return callerName();
  }

  openFiles(): string | undefined {
    return inherited().openFiles;
  }

  run(plan: Plan): never {
    return replaceByHelper(helper, plan, this.#words, plan.environment ?? this.variables(), inherited());
  }
}
