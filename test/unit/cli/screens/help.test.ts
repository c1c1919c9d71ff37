import { describe, expect, it } from 'vitest';
import { renderHelp } from '../../../../src/cli/screens/help.ts';
import { OPTION_ROWS } from '../../../../src/options/table.ts';
import { FakeSys } from '../../support/fake-sys.ts';

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
       -t, --target <PID>|<name>      process, or container by name, to enter
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
       -S, --setuid <user>|follow     set uid in entered namespace
       -G, --setgid <group>|follow    set gid in entered namespace
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
           --escape <char>            with --pty: type it and . to get out; default ~
           --kill-child[=<signal>]    signal the program when tsenter dies; on by
                                      default, with KILL
           --no-kill-child            let the program go on when tsenter dies
           --no-forward-signals       keep signals from the program
           --failure-status <status>  end with this status instead of 1 where tsenter
                                      itself fails
           --groups <list>            set the supplementary groups
           --caps <caps>              set the capabilities of the program
           --no-new-privs             nothing that the program executes gives it more
           --umask <mask>             set the file mode creation mask
           --new-session              execute the program in a session of its own
           --setenv <variable>        set a variable of the environment
           --unsetenv <name>          take a variable out of the environment
           --clear-env                start with an empty environment
           --env-file <file>          set the variables that a file has
           --close-fds                keep all descriptors above 2 from the program
           --preserve-fds <count>     give the program this many descriptors from 3 on
           --as-target[=<aspects>]    execute the program as the engine of the target
                                      would
           --unsealed                 do not protect tsenter itself from the target
           --host-root <dir>          look for names below this root of the host
           --list[=<format>]          list what can be entered; the operands select
           --explain[=json|steps]     show whether and how it would be entered
           --completion <shell>       print completion for bash, zsh or fish

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
