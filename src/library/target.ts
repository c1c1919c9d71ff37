import { pin } from '../facts/facts.ts';
import { fromUnicode, toUnicode } from '../hosts/node/bytes.ts';
import { NodeSys } from '../hosts/node/node-sys.ts';
import { makeRequest } from '../request/parse.ts';
import { UsageError } from '../sys/errors.ts';
import { escapeControls } from '../sys/escape.ts';
import type { Target as Pinned } from '../target/target.ts';
import { checkKeys, checkPlaces } from './check-options.ts';
import { inUnicode } from './errors.ts';
import { Held } from './held.ts';
import { seenBy } from './seen.ts';

/** A container, as its engine's files tell. */
export interface ContainerTold {
  /** such as `docker`: what stands before the colon in a name */
  engine: string;
  id: string;
  /** what people call it, the usual name first */
  names: readonly string[];
}

/** Which process a name leads to. */
export interface ResolvedTarget {
  pid: number;
  /** null where it was named by its process id */
  container: ContainerTold | null;
}

/** What {@link resolve}, {@link list} and a {@link Target} take. */
export const RESOLVE_KEYS = ['hostRoot', 'helperPath'] as const satisfies readonly (keyof ResolveOptions)[];

/** Where names are looked up. */
export interface ResolveOptions {
  /** look for containers below this root of the host */
  hostRoot?: string | undefined;
  /** as of {@link spawn} */
  helperPath?: string | undefined;
}

/**
 * A process that was found once and stays pinned by a pidfd: what names it names no other, even after its number is used anew. It can be
 * entered many times, as `target` of every function here, until it is closed: by `using` or `close()`, also in a worker, with
 * which it does not end.
 *
 * ```ts
 * import { run, Target } from 'tsenter';
 *
 * using web = new Target('docker:web');
 * for (const path of ['/etc/passwd', '/etc/group']) {
 *   const { stdout } = await run('cat', [path], { target: web });
 *   console.log(stdout);
 * }
 * ```
 */
export class Target extends Held implements ResolvedTarget, Disposable {
  readonly #sys: NodeSys;

  /**
   * @param target as in the options of {@link spawn}
   * @throws TsenterError where there is none, or it may not be looked at
   */
  constructor(target: number | string, options: ResolveOptions = {}) {
    const { sys, pinned } = pinFor(target, options);
    super(pinned, String(target));
    this.#sys = sys;
  }

  /** @throws TsenterError once it was closed, as all that asks for it */
  get pid(): number {
    return inUnicode(() => this.pinned).pid;
  }

  get container(): ContainerTold | null {
    return told(inUnicode(() => this.pinned)).container;
  }

  /** Whether it has ended; it cannot be entered any more then. */
  get hasEnded(): boolean {
    const { pidfd } = inUnicode(() => this.pinned);
    return pidfd !== undefined && this.#sys.hasEnded(pidfd);
  }

  /** Lets it go; what was entered goes on. */
  close(): void {
    this.forget();
    this.#sys.closeAll();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Which process `target` is: what the command line's `--target` takes.
 *
 * ```ts
 * import { resolve } from 'tsenter';
 *
 * const { pid, container } = resolve('docker:web');
 * console.log(pid, container?.id);
 * ```
 *
 * @throws TsenterError where nothing, or more than one, has this name, or it does not run
 */
export function resolve(target: number | string, options: ResolveOptions = {}): ResolvedTarget {
  const { sys, pinned } = pinFor(target, options);
  sys.closeAll();
  return told(pinned);
}

/** @returns its system as well, which has what it opened */
function pinFor(target: number | string, options: ResolveOptions): { sys: NodeSys; pinned: Pinned } {
  const sys = new NodeSys(
    inUnicode(() => {
      checkKeys(options, RESOLVE_KEYS);
      checkPlaces(options);
      return seenBy({ helperPath: options.helperPath });
    }),
  );
  try {
    return inUnicode(() => {
      const { hostRoot } = options;
      if (typeof target !== 'string' && typeof target !== 'number')
        throw new UsageError(
          'parse',
          'target',
          `neither a number nor a string, but ${typeof target}`,
          'It is a process id or a name.',
        );
      const asked = makeRequest({ target: fromUnicode(String(target)), all: true }, { kind: 'shell' }).target;
      if (asked === undefined)
        throw new UsageError('parse', 'target', 'none', 'It is a process id or a name.');
      return { sys, pinned: pin(sys, asked, hostRoot === undefined ? undefined : fromUnicode(hostRoot)) };
    });
  } catch (error) {
    sys.closeAll();
    throw error;
  }
}

function told({ pid, container }: Pinned): ResolvedTarget {
  if (!container) return { pid, container: null };
  const { scheme, id, names } = container;
  return { pid, container: { engine: scheme, id: shown(id), names: names.map(shown) } };
}

function shown(text: string): string {
  return toUnicode(escapeControls(text));
}
