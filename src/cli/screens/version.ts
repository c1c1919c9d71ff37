import { usesSelinux } from '../../facts/selinux.ts';
import { type KernelFeature, kernelFeatures } from '../../options/kernel-features.ts';
import type { Host } from '../../plan/host.ts';
import { kernelIsAtLeast, NAMESPACE_IDS, PIDFD_INODES } from '../../sys/kernel.ts';
import type { Sys } from '../../sys/sys.ts';
import { noPidfdWhereUnknown } from '../../target/failure.ts';
import { isNsenter, nameOf } from './name.ts';
import { TRIED_ON } from './tried-kernels.ts';

/** Put in by the bundler: the version of package.json, and of which commit of which day it was built, where that is known. */
declare const TSENTER_VERSION: string;
declare const TSENTER_COMMIT: string;

/** Scripts take the last word of nsenter's version: this one's options are what there is. */
const UTIL_LINUX = '2.43';

/** `--version`: the version, the commit, the host, which of the kernel's features were found by trying them, and on which kernels it was tried. */
export function renderVersion(host: Host): string {
  const features = [
    `pidfd ${yesNo(hasPidfd(host))}`,
    `pidfd inodes ${yesNo(kernelIsAtLeast(host, ...PIDFD_INODES))}`,
    `namespace ids ${yesNo(kernelIsAtLeast(host, ...NAMESPACE_IDS))}`,
    `SELinux ${yesNo(usesSelinux(host))}`,
  ];
  const lost = Object.values<KernelFeature>(kernelFeatures)
    .filter(({ since }) => !kernelIsAtLeast(host, ...since))
    .map(({ name, since }) => `${name} (${since.join('.')})`);
  const notHere = lost.length === 0 ? '' : `not here: ${lost.join(', ')}\n`;
  const asNsenter = isNsenter(host) ? `${nameOf(host)} from util-linux ${UTIL_LINUX}\n` : '';
  const commit = TSENTER_COMMIT === '' ? '' : `commit: ${TSENTER_COMMIT}\n`;
  return `${asNsenter}tsenter ${TSENTER_VERSION}\n${commit}host: ${host.host}\nkernel: ${host.kernelRelease()} (${features.join(', ')})\n${notHere}tried on: ${TRIED_ON}\n`;
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
