import { kernelIsAtLeast, NAMESPACE_IDS, PIDFD_INODES } from '../../sys/kernel.ts';
import type { Sys } from '../../sys/sys.ts';
import { noPidfdWhereUnknown } from '../../target/failure.ts';

/** Put in by the bundler from package.json. */
declare const TSENTER_VERSION: string;

/** `--version`: the version, the host, and which of the kernel's features were found by trying them. */
export function renderVersion(sys: Sys): string {
  const features = [
    `pidfd ${yesNo(hasPidfd(sys))}`,
    `pidfd inodes ${yesNo(kernelIsAtLeast(sys, ...PIDFD_INODES))}`,
    `namespace ids ${yesNo(kernelIsAtLeast(sys, ...NAMESPACE_IDS))}`,
    `SELinux ${yesNo(sys.statPath('/sys/fs/selinux/enforce') !== undefined)}`,
  ];
  return `tsenter ${TSENTER_VERSION}\nhost: ${sys.host}\nkernel: ${sys.kernelRelease()} (${features.join(', ')})\n`;
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
