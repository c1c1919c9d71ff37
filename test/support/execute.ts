/** A command that is executed again and again, each time with other words (test/programs/execute.c). */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { defaultCwd } from './launch.ts';
import { program } from './programs.ts';

export interface Execution {
  readonly status: number;
  /** the number of the signal that ended it, 0: none */
  readonly signal: number;
  /** it, or something that it left behind, had to be killed */
  readonly hung: boolean;
  /** what it wrote to stderr, one character per byte */
  readonly message: string;
}

export interface Executor extends AsyncDisposable {
  /** The words have one character per byte. */
  execute(words: readonly string[]): Promise<Execution>;
}

export interface ExecutorOptions {
  readonly env: Readonly<Record<string, string>>;
  /** They are the command's 3, 4 and so on. */
  readonly descriptors?: readonly number[];
}

export function startExecutor(command: string, { env, descriptors = [] }: ExecutorOptions): Executor {
  const child = spawn(program('execute'), [command], {
    cwd: defaultCwd,
    env: { ...env },
    stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
  });
  let errors = '';
  child.stderr?.on('data', (part: Buffer) => {
    errors += part.toString();
  });
  // It may have ended already; that is told by its output.
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  if (child.stdin === null || child.stdout === null) throw new Error('no pipes');
  const { stdin, stdout } = child;
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  // fast-check may give up waiting for one and ask for the next.
  let last: Promise<unknown> = Promise.resolve();
  const ask = async (line: string): Promise<Execution> => {
    stdin.write(line);
    const { value, done } = await lines.next();
    if (!done) return JSON.parse(value) as Execution;
    await ended;
    throw new Error(`execute ended: ${errors}`);
  };
  return {
    execute: (words) => {
      const next = last.then(() => ask(`${words.map(encode).join(' ')}\n`));
      last = next.catch(() => undefined);
      return next;
    },
    [Symbol.asyncDispose]: async () => {
      await last;
      stdin.end();
      await ended;
    },
  };
}

/** An argument ends at its first NUL. */
function encode(word: string): string {
  const [text = ''] = word.split('\0');
  return text.replace(
    /[^!-$&-~]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
