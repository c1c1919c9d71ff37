/** Whoever holds the child before its exec can write to the descriptor by which the library is told of the entry: what the library makes of it. */
import { execFileSync } from 'node:child_process';
import { run, runSync, TsenterError } from 'tsenter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scratch, scratch } from '../support/enter.ts';
import { signal } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';

let files: Scratch;

beforeAll(() => {
  buildPrograms();
  files = scratch();
});

afterAll(() => files[Symbol.dispose]());

/** A helper that is what became of it. @param body has the descriptor as `fd` */
function helper(name: string, body: string): string {
  const path = `${files.path}/${name}`;
  const source = `
    #define _GNU_SOURCE
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/prctl.h>
    #include <sys/wait.h>
    #include <signal.h>
    #include <unistd.h>
    #define TELL(text) (void)!write(fd, text, sizeof(text) - 1)
    int main(int argc, char **argv)
    {
      int fd = -1;
      for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], "status=", 7) == 0)
          fd = atoi(argv[i] + 7);
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      signal(SIGPIPE, SIG_IGN);
      ${body}
    }`;
  execFileSync('cc', ['-x', 'c', '-o', path, '-'], { input: source });
  return path;
}

const entering = (helperPath: string) => ({ target: process.pid, all: true, unsealed: true, helperPath });

async function failure(running: Promise<unknown>): Promise<unknown> {
  return running.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const WAITS = 'close(fd); for (;;) pause();';

describe('is an error, and what was started is killed', () => {
  it.each<[string, string]>([
    ['what never ends', 'for (;;) if (write(fd, "exec", 5) < 0) pause();'],
    ['a word that is none', `TELL("exec\\0started\\0"); ${WAITS}`],
    ['a word without its end', `TELL("exec\\0pid\\00042"); ${WAITS}`],
    ['the process id of another process', `dprintf(fd, "pid%c%d%cexec%c", 0, getppid(), 0, 0); ${WAITS}`],
    ['a process id that is none', `TELL("pid\\0-1\\0exec\\0"); ${WAITS}`],
    ['two process ids', `dprintf(fd, "pid%c%d%cpid%c%d%cexec%c", 0, 7, 0, 0, 7, 0, 0); ${WAITS}`],
    ['half of a failure', `TELL("failed\\0002\\0001\\0open\\0"); ${WAITS}`],
    ['a failure without a number', `TELL("failed\\0x\\0001\\0open\\0file\\0no\\0\\0"); ${WAITS}`],
  ])('%s', async (name, body) => {
    const path = helper(name.replace(/ /g, '-'), body);
    const running = run('true', entering(path));
    const entered = failure(running.process?.entered ?? Promise.resolve());
    const told = { code: 'EPROTO', reason: 'what is told of it is not what the helper tells' };
    const error = await failure(running);
    expect(error).toBeInstanceOf(TsenterError);
    expect(error).toMatchObject(told);
    expect(await entered).toBe(error);
  });
});

it('is an error without an event loop, too', () => {
  const path = helper(
    'sync',
    'for (int i = 0; i < 100000; i++) if (write(fd, "exec", 5) < 0) break; return 0;',
  );
  expect(() => runSync('true', entering(path))).toThrow(expect.objectContaining({ code: 'EPROTO' }));
});

it('is believed of a child of the helper', async () => {
  const path = helper(
    'child',
    `pid_t child = fork();
     if (child == 0) { close(fd); char byte; return read(0, &byte, 1) < 0; }
     dprintf(fd, "pid%c%d%cexec%c", 0, child, 0, 0);
     close(fd);
     printf("%d", child);
     fflush(stdout);
     wait(NULL);
     return 0;`,
  );
  const running = run('true', { ...entering(path), stdio: 'pipe' });
  const pid = await running.process?.entered;
  running.process?.stdin?.end();
  expect(await running).toMatchObject({ pid, stdout: String(pid) });
});

it('is not waited for where somebody keeps the descriptor', async () => {
  const path = helper(
    'kept',
    `TELL("exec\\0");
     pid_t keeper = fork();
     if (keeper == 0) { prctl(PR_SET_PDEATHSIG, 0); for (int other = 0; other < 3; other++) close(other); for (;;) pause(); }
     printf("%d", keeper);
     return 0;`,
  );
  const { stdout, exitCode } = await run('true', entering(path));
  signal(Number(stdout), 'SIGKILL');
  expect(exitCode).toBe(0);
});
