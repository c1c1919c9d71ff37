/** The number of the target is given to another process while tsenter is on its way. */
import { beforeAll, describe, expect, it } from 'vitest';
import { scratch, shell } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';

beforeAll(buildPrograms);

describe('its number is given to another process', () => {
  /**
   * In a PID namespace of its own, where ns_last_pid decides about numbers. Two processes, first and second, get the
   * same number one after the other; the command is held in between.
   */
  const recycle = async (point: string, target: string, under = ''): Promise<string> => {
    using files = scratch();
    const script = `
      cd "$DIR"; mkfifo report gate; exec 3<>report 4<>gate
      start() { unshare --uts /bin/sh -c "hostname $1; exec sleep 1000" & }
      named() { until [ "$(nsenter -t "$1" -u hostname 2>/dev/null)" = "$2" ]; do :; done; }
      start first; A=$!; named $A first
      TARGET=${target}
      "$PAUSE" ${point} -- ${under} "$T" -t "$TARGET" -u hostname >out 2>err & HELD=$!
      read -u 3 line
      kill -9 $A; wait $A 2>/dev/null
      for try in {1..1000}; do
        echo $((A - 1)) > /proc/sys/kernel/ns_last_pid
        start second; B=$!
        [ $B = $A ] && break
        kill -9 $B; wait $B 2>/dev/null
      done
      [ $B = $A ] && named $B second && echo recycled
      echo go >&4
      wait $HELD; echo "status $?"; cat out
      sed "s/$A/A/g" err`;
    const outcome = await shell(
      'exec unshare --pid --fork --kill-child --mount-proc /bin/bash --norc -c "$SCRIPT"',
      [],
      { env: { PATH: process.env.PATH ?? '', DIR: files.path, SCRIPT: script, PAUSE: program('pause') } },
    );
    return outcome.stdout.toString();
  };

  it.each(['leave=pidfd_open', 'enter=setns'])('after %s: nothing is entered', async (point) => {
    expect(await recycle(point, '$A')).toMatch(
      /^recycled\nstatus 1\ntsenter: [^\n]*target A: No such process\n/,
    );
  });

  it.each(['leave=pidfd_open leave=openat', 'enter=setns'])(
    'without a pidfd, after %s: nothing is entered',
    async (point) => {
      expect(await recycle(point, '$A', '"$FILTERED" 1 pidfd_open --')).toMatch(
        /^recycled\nstatus 1\ntsenter: [^\n]*target A: No such process\n/,
      );
    },
  );

  it('before a pidfd is opened: another one', async () => {
    expect(await recycle('enter=pidfd_open', '$A')).toBe('recycled\nstatus 0\nsecond\n');
  });

  it('before a pidfd is opened, with PID:inode: refused', async () => {
    const output = await recycle('enter=pidfd_open', '$A:$("$ACTOR" inode $A)');
    expect(output).toMatch(/^recycled\nstatus 1\ntsenter: open target A:\S+: No such process\n/);
  });
});

it('a /proc of another PID namespace, where the number is another process: refused', async () => {
  const outcome = await shell(
    'exec unshare --pid --fork --kill-child /bin/sh -c \'sleep 1000 & "$T" -t $! -u hostname; echo status $?\'',
    [],
    { env: { PATH: process.env.PATH ?? '' } },
  );
  expect(outcome.stderr.toString()).toMatch(
    /^tsenter: open target \d+: \/proc is of another PID namespace\n/,
  );
  expect(outcome.stdout.toString()).toBe('status 1\n');
});
