import { describe, expect, it } from 'vitest';
import { OPTION_ROWS } from '../../../src/options/table.ts';
import { NAMESPACES } from '../../../src/sys/namespaces.ts';
import { repeated } from '../support/repeated.ts';

const NSENTERS = OPTION_ROWS.filter((row) => !row.origin);
const OWN = OPTION_ROWS.filter((row) => row.origin);

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
    const excluding = OPTION_ROWS.filter((row) => row.further?.excludes !== undefined);
    expect(excluding.length).toBeGreaterThan(0);
    for (const { long, further } of excluding) {
      expect(names).toContain(further?.excludes);
      expect(further?.excludes).not.toBe(long);
    }
  });
});
