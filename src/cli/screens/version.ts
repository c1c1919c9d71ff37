import { usesSelinux } from '../../facts/selinux.ts';
import type { Host } from '../../plan/host.ts';
import { kernelIsAtLeast, NAMESPACE_IDS, PIDFD_INODES } from '../../sys/kernel.ts';
import type { Sys } from '../../sys/sys.ts';
import { noPidfdWhereUnknown } from '../../target/failure.ts';
import { isNsenter, nameOf } from './name.ts';

/** Put in by the bundler from package.json. */
declare const TSENTER_VERSION: string;

/** Scripts take the last word of nsenter's version: this one's options are what there is. */
const UTIL_LINUX = '2.43';

/** `--version`: the version, the host, and which of the kernel's features were found by trying them. */
export function renderVersion(host: Host): string {
  const features = [
    `pidfd ${yesNo(hasPidfd(host))}`,
    `pidfd inodes ${yesNo(kernelIsAtLeast(host, ...PIDFD_INODES))}`,
    `namespace ids ${yesNo(kernelIsAtLeast(host, ...NAMESPACE_IDS))}`,
    `SELinux ${yesNo(usesSelinux(host))}`,
  ];
  const asNsenter = isNsenter(host) ? `${nameOf(host)} from util-linux ${UTIL_LINUX}\n` : '';
  return `${asNsenter}tsenter ${TSENTER_VERSION}\nhost: ${host.host}\nkernel: ${host.kernelRelease()} (${features.join(', ')})\n`;
}

function hasPidfd(sys: Sys): boolean {
  const pid = 1;
  try {
    sys.close(sys.openProcess(pid));
    return true;
  } catch (error) {
    return noPidfdWhereUnknown(error);
  }
}

function yesNo(found: boolean): string {
  return found ? 'yes' : 'no';
}
