/** AppArmor in a guest, with profiles in each of which something is missing. */
import { readFileSync } from 'node:fs';
import { repository } from '../support/programs.ts';
import { fetchPackages } from './packages.ts';
import { guestTsenter } from './root.ts';

export const apparmorParameters = 'security=apparmor apparmor=1';

/** What each has, but for what its name says. */
const ALL = 'file, capability, mount, umount, pivot_root, signal, ptrace, unix, network, dbus,';
const without = (rule: string): string => ALL.replace(rule, '');

const profile = (name: string, rules: string, flags = 'attach_disconnected'): string =>
  `profile ${name} ${flags === '' ? '' : `flags=(${flags}) `}{\n  ${rules}\n}\n`;

const profiles = (): string =>
  [
    'abi <kernel>,',
    profile('whole', ALL),
    profile('complaining', without('ptrace,'), 'attach_disconnected,complain'),
    profile('nopath', ALL, ''),
    profile('noadmin', `${ALL} deny capability sys_admin,`),
    profile('nochroot', `${ALL} deny capability sys_chroot,`),
    profile('noid', `${ALL} deny capability setuid, deny capability setgid,`),
    profile('noptrace', without('ptrace,')),
    profile('noexec', `${ALL} deny /**busybox x,`),
    profile('noread', `${ALL} deny /proc/*/environ r,`),
    profile('target', ALL),
    profile('alone', without('ptrace,')),
    manuals(),
  ].join('\n');

/** The one that the manual has, for /usr/bin/tsenter. */
function manuals(): string {
  const text = readFileSync(`${repository}/man/tsenter.1`, 'utf8');
  return /^profile tsenter [^}]*\}$/m.exec(text)?.[0] ?? '';
}

/** Of the guest: for its root. */
export async function apparmorFiles(): Promise<{
  readonly files: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string>>;
}> {
  const packages = await fetchPackages('bookworm', ['apparmor']);
  return {
    files: {
      '/usr/bin/tsenter': guestTsenter,
      '/usr/local/bin/apparmor_parser': `${packages}/sbin/apparmor_parser`,
      '/usr/local/bin/aa-exec': `${packages}/usr/bin/aa-exec`,
    },
    texts: { '/etc/guest/profiles': profiles(), '/etc/apparmor/parser.conf': '' },
  };
}

export const loadProfiles = `
mount -t securityfs securityfs /sys/kernel/security
apparmor_parser --replace --skip-cache --base /etc /etc/guest/profiles || exit 1
`;
