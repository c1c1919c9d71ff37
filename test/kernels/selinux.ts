/**
 * SELinux in a guest, enforcing: Debian's policy, as far as it is about the system itself, and domains in which something is missing
 * (tsenter_test.te). The files of the guest have the type of its first root.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { repository } from '../support/programs.ts';
import { fetchPackages } from './packages.ts';

const module = `${repository}/test/kernels/tsenter_test.te`;
/** Linux 5.8 has it, and what is newer knows more. */
const POLICY_VERSION = '33';

export const selinuxParameters = 'security=selinux selinux=1';

/** A policy as the kernel loads it. */
export async function makePolicy(): Promise<Buffer> {
  const tools = ['selinux-policy-default', 'semodule-utils', 'checkpolicy', 'libsepol2'];
  const packages = await fetchPackages('bookworm', tools);
  const directory = mkdtempSync(`${tmpdir()}/tsenter-policy-`);
  try {
    const run = (program: string, ...args: readonly string[]): void => {
      const libraries = `${packages}/usr/lib/x86_64-linux-gnu`;
      const env = { ...process.env, LD_LIBRARY_PATH: libraries };
      execFileSync(`${packages}/usr/bin/${program}`, args, { cwd: directory, env, stdio: 'pipe' });
    };
    for (const name of ['base', 'unconfined']) {
      const file = `${packages}/usr/share/selinux/default/${name}.pp.bz2`;
      writeFileSync(`${directory}/${name}.pp`, execFileSync('bunzip2', ['-c', file], { maxBuffer: 1 << 28 }));
    }
    run('checkmodule', '-M', '-m', '-o', 'tsenter_test.mod', module);
    run('semodule_package', '-o', 'tsenter_test.pp', '-m', 'tsenter_test.mod');
    run('semodule_link', '-o', 'linked.pp', 'base.pp', 'unconfined.pp', 'tsenter_test.pp');
    // Its neverallow rules (-a) know nothing of these domains, which have nobody to be kept from.
    run('semodule_expand', '-a', '-c', POLICY_VERSION, 'linked.pp', 'policy');
    return readFileSync(`${directory}/policy`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Of `root`, a guest's. */
export function addPolicy(root: string, policy: Buffer): void {
  mkdirSync(`${root}/etc/selinux`, { recursive: true });
  writeFileSync(`${root}/etc/selinux/policy`, policy);
  // Without it libselinux, and so nsenter, takes SELinux for one that is not in use.
  writeFileSync(`${root}/etc/selinux/config`, 'SELINUX=enforcing\nSELINUXTYPE=default\n');
}

/** The user of a login, with a policy that is only read; the kernel takes it in one write. */
export const loadPolicy = `
mount -t selinuxfs selinuxfs /sys/fs/selinux
dd if=/etc/selinux/policy of=/sys/fs/selinux/load bs=16M 2>/dev/null || exit 1
`;
