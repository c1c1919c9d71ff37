import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderHelp } from '../../../src/cli/screens/help.ts';
import { OPTION_ROWS } from '../../../src/options/table.ts';
import { OPTION_GROUPS, OPTION_TEXT } from '../../../src/options/text.ts';
import { STEPS } from '../../../src/plan/steps.ts';
import { renderManOptions, renderReadmeOptions } from '../../../src/rendered/option-sections.ts';
import { renderedFiles } from '../../../src/rendered/rendered-files.ts';
import { renderVocabulary } from '../../../src/rendered/vocabulary.ts';
import { NAMESPACES, namespace, namespaceOfFlag, procFile } from '../../../src/sys/namespaces.ts';
import { repository } from '../../support/programs.ts';
import { FakeSys } from '../support/fake-sys.ts';

const NSENTERS = OPTION_ROWS.filter((row) => !row.origin);
const OWN = OPTION_ROWS.filter((row) => row.origin);

/** The values of a column that occur more than once. */
function repeated(values: readonly (string | number | undefined)[]): (string | number)[] {
  const given = values.filter((value) => value !== undefined);
  return given.filter((value, index) => given.indexOf(value) !== index);
}

describe('the option table', () => {
  it('has every option of nsenter 2.43 with its letter and arity, and no other as nsenter’s', () => {
    const NSENTER_2_43 = `
      -a --all
      -t --target required
      -m --mount optional
      -u --uts optional
      -i --ipc optional
      -n --net optional
      -N --net-socket required
      -p --pid optional
      -C --cgroup optional
      -U --user optional
      -- --user-parent
      -T --time optional
      -S --setuid required
      -G --setgid required
      -- --preserve-credentials
      -- --keep-caps
      -r --root optional
      -w --wd optional
      -W --wdns optional
      -e --env
      -F --no-fork
      -c --join-cgroup
      -Z --follow-context
      -h --help
      -V --version
    `;
    const table = NSENTERS.map(({ short = '-', long, value }) =>
      `-${short} --${long} ${value ?? ''}`.trimEnd(),
    );
    const reference = NSENTER_2_43.split('\n').map((line) => line.trim());
    expect(table.sort()).toEqual(reference.filter((line) => line !== '').sort());
  });

  it('names each option once, by letter and by word', () => {
    expect(repeated(OPTION_ROWS.map(({ long }) => long))).toEqual([]);
    expect(repeated(OPTION_ROWS.map(({ short }) => short))).toEqual([]);
  });

  it('has names that getopt_long can take', () => {
    for (const { long, short } of OPTION_ROWS) {
      expect(long).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(short ?? 'a').toMatch(/^[A-Za-z]$/);
    }
  });

  it('has no option of its own that an abbreviation of nsenter’s would be an exact match of', () => {
    for (const { long } of OWN)
      expect(NSENTERS.filter((row) => row.long.startsWith(long)).map((row) => row.long)).toEqual([]);
  });

  it('has one option with an optional value for each namespace', () => {
    for (const { name } of NAMESPACES) {
      const rows = OPTION_ROWS.filter((row) => row.namespace === name);
      expect(rows).toMatchObject([{ long: name, value: 'optional' }]);
    }
  });

  it('excludes options that there are', () => {
    const names: string[] = OPTION_ROWS.map(({ long }) => long);
    const excluding = OPTION_ROWS.filter((row) => row.excludes !== undefined);
    expect(excluding.length).toBeGreaterThan(0);
    for (const { long, excludes } of excluding) {
      expect(names).toContain(excludes);
      expect(excludes).not.toBe(long);
    }
  });

  it('has text for each: one line, lowercase, without a full stop; and paragraphs', () => {
    for (const { long } of OPTION_ROWS) {
      const { group, summary, details } = OPTION_TEXT[long];
      expect(summary, long).toMatch(/^[a-z][^\n]*[^.\s]$/);
      expect(details.length, long).toBeGreaterThan(0);
      for (const paragraph of details) expect(paragraph, long).toMatch(/^[A-Z_*][^\n]*\.$/);
      expect(Object.keys(OPTION_GROUPS)).toContain(group);
    }
  });

  it('has no text without an option', () => {
    expect(Object.keys(OPTION_TEXT).sort()).toEqual(OPTION_ROWS.map(({ long }) => long as string).sort());
  });
});

describe('--help', () => {
  const plain = renderHelp(new FakeSys());

  it('is this', () => {
    expect(plain).toMatchInlineSnapshot(`
      "
      Usage:
       tsenter [options] [<program> [<argument>...]]

      Execute a program in the namespaces of another process.

      Options:
       -a, --all                      enter all namespaces of the target
       -t, --target <PID>[:<inode>]   process whose namespaces are entered
       -m, --mount[=<file>|:<nsid>]   enter mount namespace
       -u, --uts[=<file>|:<nsid>]     enter UTS namespace (hostname etc)
       -i, --ipc[=<file>|:<nsid>]     enter System V IPC namespace
       -n, --net[=<file>|:<nsid>]     enter network namespace
       -N, --net-socket <fd>          enter network namespace of the target's socket
                                      fd
       -p, --pid[=<file>|:<nsid>]     enter pid namespace (forks, see --no-fork)
       -C, --cgroup[=<file>|:<nsid>]  enter cgroup namespace
       -U, --user[=<file>|:<nsid>]    enter user namespace
           --user-parent              enter parent user namespace
       -T, --time[=<file>|:<nsid>]    enter time namespace
       -S, --setuid <uid>|follow      set uid in entered namespace
       -G, --setgid <gid>|follow      set gid in entered namespace
           --preserve-credentials     do not touch uids or gids
           --keep-caps                retain capabilities granted in user namespaces
       -r, --root[=<dir>]             set the root directory
       -w, --wd[=<dir>]               set the working directory
       -W, --wdns[=<dir>]             set the working directory in namespace
       -e, --env                      take the environment of the target process
       -F, --no-fork                  do not fork before exec'ing <program>
       -c, --join-cgroup              join the cgroup of the target process
       -Z, --follow-context           set SELinux context according to --target PID
           --pty                      give the program a pseudo-terminal of its own
           --no-pty                   use the caller's terminal; this is the default
           --kill-child[=<signal>]    signal the program when tsenter dies; on by
                                      default, with KILL
           --no-kill-child            let the program go on when tsenter dies
           --no-forward-signals       keep signals from the program
           --unsealed                 do not protect tsenter itself from the target
           --explain                  show the steps instead of taking them

       -h, --help                     display this help
       -V, --version                  display version

      For more details see tsenter(1).
      "
    `);
  });

  it('fits into 80 columns, in ASCII', () => {
    for (const line of plain.split('\n')) {
      expect(line.length, line).toBeLessThanOrEqual(80);
      expect(line).toMatch(/^[ -~]*$/);
      expect(line).not.toMatch(/ $/);
    }
  });

  it('has every option on a line of its own', () => {
    for (const { long, short } of OPTION_ROWS) {
      const start = short === undefined ? `     --${long}` : ` -${short}, --${long}`;
      const lines = plain
        .split('\n')
        .filter((line) => line.startsWith(start) && !/^[a-z-]/.test(line.slice(start.length)));
      expect(lines, long).toHaveLength(1);
    }
  });

  it('is the same text in colour', () => {
    const sys = new FakeSys();
    sys.terminals.add(1);
    const coloured = renderHelp(sys);
    expect(coloured).not.toBe(plain);
    expect(
      coloured
        .split('\x1b')
        .map((part, index) => (index > 0 ? part.replace(/^\[\d+m/, '') : part))
        .join(''),
    ).toBe(plain);
  });
});

describe('the namespaces', () => {
  it('have the names and numbers of Linux', () => {
    const constants = Object.fromEntries(
      NAMESPACES.map(({ name, flag }) => [`CLONE_NEW${name === 'mount' ? 'NS' : name.toUpperCase()}`, flag]),
    );
    // include/uapi/linux/sched.h
    expect(constants).toEqual({
      CLONE_NEWTIME: 0x00000080,
      CLONE_NEWNS: 0x00020000,
      CLONE_NEWCGROUP: 0x02000000,
      CLONE_NEWUTS: 0x04000000,
      CLONE_NEWIPC: 0x08000000,
      CLONE_NEWUSER: 0x10000000,
      CLONE_NEWPID: 0x20000000,
      CLONE_NEWNET: 0x40000000,
    });
  });

  it('have the files of /proc/PID/ns', () => {
    expect(NAMESPACES.map(({ name }) => procFile(name)).sort()).toEqual(
      ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'].sort(),
    );
    expect(repeated(NAMESPACES.map(({ name }) => name))).toEqual([]);
  });

  it('begin with user, which gives the rights for the rest', () => {
    expect(NAMESPACES[0].name).toBe('user');
  });

  it('are found by name and by flag', () => {
    for (const row of NAMESPACES) {
      expect(namespace(row.name)).toBe(row);
      expect(namespaceOfFlag(row.flag)).toBe(row.name);
    }
    expect(namespaceOfFlag(0x100)).toBeUndefined();
  });
});

describe('the steps', () => {
  it('have names that make different names in C', () => {
    const names = Object.keys(STEPS).map((step) => `step_${step.replace(/-/g, '_')}`);
    for (const name of names) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(repeated(names)).toEqual([]);
  });

  it('have a sentence each for --explain', () => {
    for (const { does } of Object.values(STEPS)) expect(does).toMatch(/^[a-z][^\n]*[^.\s]$/);
  });

  it('and the namespaces are all in the C header', () => {
    const header = renderVocabulary();
    for (const step of Object.keys(STEPS))
      expect(header).toContain(`X("${step}", ${step.replace(/-/g, '_')})`);
    for (const { name, flag } of NAMESPACES)
      expect(header).toContain(`X("${name}", "${procFile(name)}", 0x${flag.toString(16)})`);
    expect(header.match(/X\("/g)).toHaveLength(
      Object.keys(STEPS).length + OPTION_ROWS.length + NAMESPACES.length,
    );
  });

  it('have a backslash at the end of every line of a macro but the last', () => {
    for (const macro of renderVocabulary().split('#define ').slice(2)) {
      const rows = macro.split('\n').filter((line) => line.startsWith('\tX('));
      expect(rows.map((line) => line.endsWith(' \\'))).toEqual(
        rows.map((_, index) => index < rows.length - 1),
      );
    }
  });
});

describe('what is rendered from the tables', () => {
  it.each(Object.entries(renderedFiles))('%s is up to date', (path, render) => {
    const current = readFileSync(`${repository}/${path}`, 'utf8');
    expect(render(current)).toBe(current);
  });

  it('includes the header that the helper is compiled with', () => {
    expect(renderedFiles['helper-c/entry/vocabulary.h']?.('')).toBe(renderVocabulary());
  });

  it.each(['man/tsenter.1', 'README.md'])(
    'is put between two marks of %s, and refused without them',
    (path) => {
      const current = readFileSync(`${repository}/${path}`, 'utf8');
      const render = renderedFiles[path] ?? (() => '');
      const [line = ''] = (path === 'README.md' ? renderReadmeOptions() : renderManOptions())
        .split('\n')
        .slice(-1);
      expect(render(current.replace(line, 'stale'))).toBe(current);
      expect(() => render('no marks')).toThrow('no place between');
    },
  );

  it('names every option once in the man page and in the README', () => {
    const man = renderManOptions().split('\n');
    const readme = renderReadmeOptions().split('\n');
    for (const { long } of OPTION_ROWS) {
      const escaped = `Fl \\-${long.replace(/-/g, '\\-')}`;
      expect(
        man.filter((line) => `${line} `.includes(`${escaped} `) && line.startsWith('.It')),
        long,
      ).toHaveLength(1);
      expect(
        readme.filter((line) => new RegExp(`^\\| \`(-., )?--${long}[\`\\[ ]`).test(line)),
        long,
      ).toHaveLength(1);
    }
  });
});
