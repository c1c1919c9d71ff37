import { describe, expect, it } from 'vitest';
import { NAMESPACES, namespace, namespaceOfFlag, procFile } from '../../../src/sys/namespaces.ts';
import { repeated } from '../support/repeated.ts';

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
