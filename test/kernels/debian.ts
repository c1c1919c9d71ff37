/** A machine that boots a small Debian with systemd (debian.sh), does pieces of shell in it, and sends back what they said. */

import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { repository } from '../support/programs.ts';
import { fetchKernel, type KernelName } from './kernels.ts';
import { boot, missingEmulator } from './machine.ts';
import { guestTsenter, makeRoot, readOutput } from './root.ts';

const script = `${repository}/test/kernels/debian.sh`;

export interface DebianOptions {
  readonly suite: KernelName;
  /** Service sections by the names of the units. */
  readonly units: Readonly<Record<string, string>>;
  /** Path in the guest to text: bash reads /etc/guest/library before each script, and does /etc/guest/before first. */
  readonly files: Readonly<Record<string, string>>;
  /** Done by bash, one after the other. */
  readonly scripts: readonly string[];
}

/** Why there can be no such machine here. */
export function missingForDebian(): string | undefined {
  const missing = ['mmdebstrap', 'mke2fs'].filter((name) => spawnSync(name, ['-V']).error !== undefined);
  return missing.length > 0 ? `needs ${missing.join(', ')}` : missingEmulator();
}

/** The first process: as little as it takes to have the disk as root. */
const init = `#!/bin/sh
mount -t devtmpfs devtmpfs /dev
for module in /etc/guest/modules/*; do insmod "$module"; done
mount -t ext4 -o noatime /dev/vda /mnt
cp ${guestTsenter} /mnt/usr/local/bin/
cp -r /etc/guest /mnt/etc/
mv /mnt/etc/guest/units/* /mnt/etc/systemd/system/
ln -s ../guest.service /mnt/etc/systemd/system/multi-user.target.wants/
umount /dev
exec switch_root /mnt /lib/systemd/systemd
`;

const service = `[Unit]
After=systemd-user-sessions.service ssh.service dbus.service user@1000.service
[Service]
Environment=HOME=/root
ExecStart=/bin/bash /etc/guest/work
`;

/** What hangs is a failure of its own, not of all that come behind it; the console tells how far it came. */
const work = `
mkdir /output
export BASH_ENV=/etc/guest/library
did() {
	timeout 300 bash "$1" </dev/null >"/output/$2" 2>&1
	echo $? >"/output/$2.status"
	read -r up _ </proc/uptime
	echo "$up $2" | tee -a /output/times >/dev/console
}
systemctl --version | head -n 1 >/output/version
did /etc/guest/before before
for script in /etc/guest/scripts/*; do did "$script" "\${script##*/}"; done
# Each change of the mode waits until all before it is sent.
exec 3<>/dev/ttyS1
stty raw <&3
tar -C /output -czf /tmp/output.gz .
cat /tmp/output.gz >&3
stty raw <&3
poweroff -f -f
`;

export interface DebianRun {
  readonly milliseconds: number;
  /**
   * Name to content: `before` and, for each script, its index; the same with `.status`; `times`, the uptime after each; and `version`,
   * that of systemd.
   */
  readonly told: ReadonlyMap<string, Buffer>;
}

export async function bootDebian(options: DebianOptions): Promise<DebianRun> {
  const kernel = await fetchKernel(options.suite);
  const { stdout } = await promisify(execFile)('bash', [script, options.suite]);
  const units = Object.entries(options.units).map(([name, text]) => [
    `/etc/guest/units/${name}.service`,
    `[Service]\n${text}\n`,
  ]);
  const name = (index: number) => String(index).padStart(3, '0');
  const scripts = options.scripts.map((text, index) => [`/etc/guest/scripts/${name(index)}`, text]);
  using root = makeRoot({
    kernel,
    script: '',
    modules: ['virtio_pci', 'virtio_blk'],
    texts: {
      ...options.files,
      ...Object.fromEntries([...units, ...scripts]),
      '/etc/guest/units/guest.service': service,
      '/etc/guest/work': work,
      '/init': init,
    },
  });
  const run = await boot({
    kernel,
    root: root.directory,
    disks: [stdout.trim()],
    memory: 1024,
    timeout: 900_000,
  });
  return { milliseconds: run.milliseconds, told: readOutput(run) };
}
