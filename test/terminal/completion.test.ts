/** What `--completion` prints, in the shells that it is for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tsenter } from '../support/command.ts';
import { scratch, until } from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { mustRun } from '../support/must-run.ts';
import { processOf } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';

const files = scratch();
const bin = `${files.path}/bin`;
const env = { ...defaultEnv, PATH: `${bin}:${defaultEnv.PATH}`, HOME: files.path, LC_ALL: 'C.UTF-8' };

/** Of engines' names, and what no engine allows. */
const NAMES = [
  'docker:web',
  'docker:web-2',
  'pod:shop/web',
  'lxc:box',
  'runc:one',
  'netns:blue',
  'unit:dev-by\\x2duuid',
  `docker:$(>pwned)`,
  'docker:a;b',
  'docker:x\x1b[31m',
  '',
];

/** Units and networks are told to who names their scheme. */
const LISTING = `case $1 in --list=names)
  shift
  exec 3<NAMES
  while IFS= read -r name <&3 || [ -n "$name" ]; do
    hidden=
    case $name in netns:* | unit:*) hidden=1 ;; esac
    [ $# -gt 0 ] || [ -n "$hidden" ] || printf '%s\\n' "$name"
    for pattern; do
      begin=\${pattern%[*]} from=$name
      case $begin in *:*) ;; *) [ -z "$hidden" ] || continue; from=\${name#*:} ;; esac
      case $from in "$begin"*) printf '%s\\n' "$name"; break ;; esac
    done
  done
  exit
esac`;

function writeNames(): void {
  writeFileSync(`${files.path}/names`, NAMES.join('\n'));
}

beforeAll(() => {
  buildPrograms();
  mkdirSync(bin);
  mkdirSync(`${files.path}/a dir`);
  writeFileSync(`${files.path}/a file`, '');
  writeNames();
  // The names of a system that is always the same.
  writeFileSync(
    `${bin}/tsenter`,
    `#!/bin/sh
${LISTING.replace(/NAMES/g, `'${files.path}/names'`)}
exec '${tsenter}' "$@"
`,
  );
  writeFileSync(`${bin}/enter-test-program`, '#!/bin/sh\n');
  for (const name of ['tsenter', 'enter-test-program']) chmodSync(`${bin}/${name}`, 0o755);
});

afterAll(() => {
  files[Symbol.dispose]();
});

interface Shell {
  readonly name: string;
  readonly needs: string;
  /** It completes the words of enter-test-program. */
  readonly completesPrograms: boolean;
  /** The words that there are when the last one is completed as far as it is certain. */
  completed(line: string): Promise<string[]>;
  /** Everything that is offered for the last word. */
  offered(line: string): Promise<string[]>;
}

const PROMPT = 'prompt> ';
/** Inserts all candidates in the place of the word. */
const ALL = '\x18a';
const BASH_COMPLETION = '/usr/share/bash-completion/bash_completion';
const PROGRAM_WORDS = 'sub-command';

/** A shell that has a line editor with such a key. */
class Editor implements Shell {
  readonly name: string;
  readonly needs: string;
  readonly completesPrograms: boolean;
  readonly #words: readonly string[];
  readonly #setup: readonly string[];

  constructor(name: string, needs: string, words: readonly string[], setup: readonly string[]) {
    this.name = name;
    this.needs = needs;
    this.#words = words;
    this.#setup = setup;
    this.completesPrograms = name !== 'bash';
  }

  completed(line: string): Promise<string[]> {
    return this.#wordsAfter(line, '\t');
  }

  async offered(line: string): Promise<string[]> {
    return (await this.#wordsAfter(line, ALL)).slice(line.split(' ').length - 1);
  }

  /** At its prompt, with the script. */
  async start(): Promise<Terminal> {
    const terminal = startTerminal(this.#words, {
      columns: 300,
      rows: 100,
      env: { ...env, PS1: PROMPT },
      cwd: files.path,
    });
    await terminal.waitFor(PROMPT);
    const setup = `${files.path}/setup-${this.name.replace(/ /g, '-')}`;
    writeFileSync(setup, `${this.#setup.join('\n')}\necho 'is ''set up'\n`);
    terminal.type(`source ${setup}\r`);
    await terminal.waitFor('is set up\r\n');
    await terminal.waitFor(PROMPT);
    return terminal;
  }

  /** As the shell reads them: they are executed with another command in front. */
  async #wordsAfter(line: string, key: string): Promise<string[]> {
    await using terminal = await this.start();
    terminal.type(`${line}${key}\x01printf '<%s>\\n' begin \r`);
    const [, words = ''] = await terminal.waitFor(/\n<begin>\r\n((?:<[^\n]*>\r\n)*)[^<\n]*prompt> /);
    expect(terminal.output).not.toMatch(/No such file|no match|unbound/);
    return [...words.matchAll(/<([^\n]*)>\r\n/g)].map(([, word = '']) => word);
  }
}

const readline = [
  `bind '"\\C-xa": insert-completions'`,
  "bind 'set page-completions off'",
  "bind 'set completion-query-items 0'",
  "bind 'set enable-bracketed-paste off'",
];
const bash = ['/bin/bash', '--norc', '--noprofile', '-i'];
const fish = '/usr/bin/fish';

const shells: readonly Shell[] = [
  new Editor('bash', '/bin/bash', bash, [
    ...readline,
    'source <(tsenter --completion bash)',
    'complete -F _tsenter nsenter',
    'set -uf; shopt -s failglob; IFS=:',
  ]),
  new Editor('bash with bash-completion', BASH_COMPLETION, bash, [
    ...readline,
    `source ${BASH_COMPLETION}`,
    'source <(tsenter --completion bash)',
    'complete -F _tsenter nsenter',
    `complete -W ${PROGRAM_WORDS} enter-test-program`,
  ]),
  new Editor(
    'zsh',
    '/bin/zsh',
    ['/bin/zsh', '-f', '-i', '-o', 'NO_PROMPT_SP'],
    [
      'autoload -Uz compinit; compinit -u -D',
      'source <(tsenter --completion zsh)',
      'compdef _tsenter nsenter',
      'LISTMAX=9999',
      'zle -C all complete-word _generic; bindkey "^Xa" all',
      "zstyle ':completion:all:*' completer _all_matches _complete",
      "zstyle ':completion:all:*' insert yes",
      `compdef '_arguments "*:word:(${PROGRAM_WORDS})"' enter-test-program`,
    ],
  ),
  {
    name: 'fish',
    needs: fish,
    completesPrograms: true,
    offered: inFish,
    async completed(line) {
      return [...line.split(' ').slice(0, -1), ...(await inFish(line))];
    },
  },
];

async function inFish(line: string): Promise<string[]> {
  const script = `
    tsenter --completion fish | source
    complete -c nsenter -w tsenter
    complete -c enter-test-program -f -a ${PROGRAM_WORDS}
    complete -C $argv[1]`;
  const { stdout, stderr } = await run([fish, '--no-config', '-c', script, '--', line], {
    env,
    cwd: files.path,
  });
  expect(stderr.toString()).toBe('');
  return stdout
    .toString()
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => text.replace(/\t.*/, ''));
}

/** The last word, and what it becomes. */
const CERTAIN: readonly [words: string, completed: string][] = [
  ['--preserve-c', '--preserve-credentials'],
  ['-F --preserve-c', '--preserve-credentials'],
  ['-t lxc:', 'lxc:box'],
  ['-t docker:web-', 'docker:web-2'],
  ['--target=docker:web-', '--target=docker:web-2'],
  ['--target docker:web-', 'docker:web-2'],
  ['-tpod:', '-tpod:shop/web'],
  ['-Ft run', 'runc:one'],
  ['-t netns:b', 'netns:blue'],
  // systemd has backslashes in its names.
  ['-t unit:dev-by', 'unit:dev-by\\x2duuid'],
  ['-t unit:dev-by\\\\x2', 'unit:dev-by\\x2duuid'],
  ["-t 'unit:dev-by\\x2", 'unit:dev-by\\x2duuid'],
  ['--kill-child=TER', '--kill-child=TERM'],
  ['--kill-child=RTMI', '--kill-child=RTMIN'],
  ['--escape no', 'none'],
  ['--completion z', 'zsh'],
  ['--mount=/proc/self/ns/m', '--mount=/proc/self/ns/mnt'],
  ['-n/proc/self/ns/n', '-n/proc/self/ns/net'],
  ['-S fol', 'follow'],
  ['--setgid=fol', '--setgid=follow'],
  ['-S 6553', '65534'],
  ['-t 1 -a enter-test-p', 'enter-test-program'],
  // Its value is glued or none.
  ['-t 1 -n enter-test-p', 'enter-test-program'],
  ['-t docker:web -- enter-test-p', 'enter-test-program'],
  ['--as-target=str', '--as-target=strict'],
  ['--as-target=caps,sch', '--as-target=caps,sched'],
  ['--as-target=+sec', '--as-target=+seccomp'],
  ['--as-target=-cgroup,-lim', '--as-target=-cgroup,-limits'],
  ['--caps=net_r', '--caps=net_raw'],
  ['--caps non', 'none'],
  ['--caps chown,net_bi', 'chown,net_bind_service'],
  ['--caps=-chown,-net_bi', '--caps=-chown,-net_bind_service'],
  ['--setenv A=1 --seten', '--setenv'],
  ['--failure-status 12', '125'],
  ['--list=nd', '--list=ndjson'],
  ['--list cont', 'containerd'],
  ['--list pod:', 'pod:shop/web'],
  ['--list=names -- mach', 'machine'],
  ['--list docker:web lxc:', 'lxc:box'],
  ['--list netns:', 'netns:blue'],
  ['--list --host', '--host-root'],
];

/** All that is offered. */
const OFFERED: readonly [words: string, offered: readonly string[]][] = [
  ['--pty --no-', ['--no-forward-signals', '--no-kill-child', '--no-new-privs']],
  ['--no-kill-child --kill', []],
  ['-F --pt', []],
  ['--wd --wdn', []],
  ['-W --wd', []],
  ['-t docker:web --target', []],
  ['-t doc', ['docker:web', 'docker:web-2']],
  ['-t q%q', []],
  ['--list doc', ['docker', 'docker:web', 'docker:web-2']],
  ['--list=names ru', ['runc', 'runc:one']],
  ['--list --targ', []],
  ['--list -- --targ', []],
  ['--root=/nonexistent/', []],
  ['-t 1 ls --pre', []],
  ['--completion ', ['bash', 'fish', 'zsh']],
  [
    '--caps chown,+net_',
    ['chown,+net_admin', 'chown,+net_bind_service', 'chown,+net_broadcast', 'chown,+net_raw'],
  ],
  ['--as-target=-str', []],
  ['--umask 022 --umas', []],
  ['--caps none --cap', ['--caps']],
];

for (const shell of shells) {
  const there = existsSync(shell.needs) || mustRun(`${shell.needs} is not installed`);
  describe.skipIf(!there)(shell.name, () => {
    it.each(CERTAIN)('%s: %s', async (words, completed) => {
      const line = `tsenter ${words}`;
      expect(await shell.completed(line)).toEqual([...line.split(' ').slice(0, -1), completed]);
    });

    it.each(OFFERED)('%s: %j', async (words, offered) => {
      const line = `tsenter ${words}`;
      const found = await shell.offered(line);
      // What cannot be completed stays as it is.
      const last = words.split(' ').slice(-1);
      expect(found.sort()).toEqual(offered.length === 0 && shell instanceof Editor ? last : offered);
    });

    it.each(['--root=', '-r', '--host-root=', '--host-root '])(
      'directories, whatever they are called: %s',
      async (option) => {
        const words = await shell.completed(`tsenter ${option}${files.path}/a`);
        // One that may still be removed is, in zsh.
        expect(words.join(' ').replace(/\/$/, '')).toBe(`tsenter ${option}${files.path}/a dir`);
      },
    );

    it('nsenter, where the shell is told so', async () => {
      expect(await shell.completed('nsenter -t lxc:')).toEqual(['nsenter', '-t', 'lxc:box']);
    });

    it('nothing and quietly, where names cannot be listed', async () => {
      const names = `${files.path}/names`;
      rmSync(names);
      try {
        expect(await shell.offered('tsenter -t docker:')).toEqual(shell instanceof Editor ? ['docker:'] : []);
      } finally {
        writeNames();
      }
    });

    if (shell.completesPrograms)
      it('the words of the program, by what completes that', async () => {
        const line = 'tsenter -t docker:web -a enter-test-program --no-fork su';
        expect(await shell.completed(line)).toEqual([...line.split(' ').slice(0, -1), PROGRAM_WORDS]);
      });
  });
}

describe('what processes call themselves', () => {
  const hostile = [
    '$(>pwned)',
    '`>pwned`',
    'a\'b"c d',
    '\x1b]0;x\x07',
    'two\nlines',
    'x) S 1 (y',
    '50% %F{red}',
    '\\',
    '-a',
    ':',
  ];
  const running: ChildProcess[] = [];

  beforeAll(async () => {
    for (const name of hostile) {
      const path = `${files.path}/${name}`;
      symlinkSync('/bin/sleep', path);
      running.push(spawn(path, ['600'], { stdio: 'ignore' }));
    }
    for (const { pid = 0 } of running)
      await until(`${pid} has executed it`, () => processOf(pid)?.command !== 'node');
  });

  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
  });

  for (const shell of shells) {
    if (!(shell instanceof Editor)) continue;
    const there = existsSync(shell.needs) || mustRun(`${shell.needs} is not installed`);
    it.skipIf(!there)(`does nothing to ${shell.name}`, async () => {
      await using terminal = await shell.start();
      terminal.type('tsenter -t \t\t');
      for (const [index, name] of hostile.entries()) {
        const shown = name.replace(/[^ -~]/g, '?').replace(/\\/, shell.name === 'zsh' ? '?' : '\\');
        const { pid } = running[index] ?? {};
        const between = shell.name === 'zsh' ? ' +-- ' : ' \\(';
        const text = shown.replace(/[^a-z0-9]/g, '\\$&');
        const line = new RegExp(`(?<!\\d)${pid}${between}${text}\\)?[ \r]`);
        await until(`${pid} is shown`, () => line.test(terminal.output));
      }
      terminal.type("\x15echo 'al''ive'\r");
      await terminal.waitFor('alive');
      expect(terminal.output).not.toContain('\x1b]0');
      expect(existsSync(`${files.path}/pwned`)).toBe(false);
    });
  }
});

it('there is none for other shells', async () => {
  const { status, stderr } = await run([tsenter, '--completion', 'tcsh']);
  expect(stderr.toString()).toBe(
    "tsenter: parse value 'tcsh' of --completion: not a shell that has a script\nThere are bash, zsh and fish.\n",
  );
  expect(status).toBe(1);
});
