/** Which of the features that kernels differ in are there: each is used, in one machine. */
import { type KernelFeatureName, kernelFeatures } from '../../src/options/kernel-features.ts';
import { programDirectory } from '../support/programs.ts';
import type { Kernel } from './kernels.ts';
import { boot } from './machine.ts';
import { guestTsenter, makeRoot, readOutput } from './root.ts';
import type { Userland } from './userland.ts';

/** A shell that succeeds where it is there. */
const uses: Readonly<Record<KernelFeatureName, string>> = {
  // The kernel numbers the first ones itself: 2 is the first UTS namespace.
  namespaceIds: 'tsenter --uts=:2 true',
  process1OfNamespace: "! tsenter --explain=json --pid=/tmp/kept true | grep 'whether process 1'",
  pidfdInodes: 'tsenter -t "$container:$(actor inode $container)" -u true',
  coveredRoots: 'tsenter -t $covered -m -r true',
  imageClone: "tsenter -t $mounted -m --pty sh -c 'readlink /proc/$PPID/exe' | grep -v memfd",
  // One by one takes two calls.
  setnsOfPidfd:
    'pause enter=setns enter=setns -- $(which tsenter) -t $container -u -i true 3>/tmp/twice 4</dev/null && [ ! -s /tmp/twice ]',
  timeNamespaces: 'test "$(tsenter -t $timed -T cut -d. -f1 /proc/uptime)" -ge 100000',
  pidfd: "tsenter --version | grep 'pidfd yes'",
};

/**
 * `target`, whose monitor ends with its input, which is nobody else's. A FIFO is open for both before it is read: to wait for who opens it is
 * cut short by the end of any child.
 */
const beginning = `exec 2>/output/errors
export PATH=${programDirectory}:${guestTsenter.replace(/\/[^/]*$/, '')}:$PATH
mkfifo /tmp/open
exec 8<>/tmp/open
start() {
	name=$1; shift
	mkfifo /tmp/ready-$name
	exec 7<>/tmp/ready-$name
	"$@" </tmp/open >&7 7>&- &
	read -r _ number <&7
	exec 7>&-
	eval "$name=$number"
}
start container target ns=mount,uts,ipc,pid fork private proc=/proc
start mounted target ns=mount private
start ended target ns=pid fork
touch /tmp/kept
mount -o bind /proc/$ended/ns/pid /tmp/kept
kill -KILL $ended
while readlink /proc/$ended/ns/pid; do :; done
start timed target ns=time time=1000000 fork
start covered unshare -m sh -c 'mount -t tmpfs none /; echo ready $$; exec sleep 1000'
`;

/** Whether it is there, and what was said when it was used. */
export type Features = ReadonlyMap<KernelFeatureName, { readonly isThere: boolean; readonly said: string }>;

export async function tryFeatures(kernel: Kernel, userland?: Userland): Promise<Features> {
  const tries = Object.entries(uses).map(
    ([name, use]) => `{
${use}
} >/output/${name}.out 2>&1 && touch /output/${name}.there
`,
  );
  using root = makeRoot({
    kernel,
    script: beginning + tries.join(''),
    ...(userland === undefined ? {} : { userland }),
  });
  const files = readOutput(await boot({ kernel, root: root.directory }));
  const errors = files.get('errors')?.toString();
  if (errors !== '') throw new Error(`${kernel.version}: ${errors}`);
  const names = Object.keys(kernelFeatures) as KernelFeatureName[];
  return new Map(
    names.map((name) => [
      name,
      { isThere: files.has(`${name}.there`), said: files.get(`${name}.out`)?.toString() ?? '' },
    ]),
  );
}
