import { UsageError } from '../sys/errors.ts';
import { notAProcessId } from './missing-target.ts';
import type { Request, TargetName } from './request.ts';

/** As engines have them, systemd with `\x2d`: what could be an option, a number with something behind it, or a path is none. */
export const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@:\\-]*(\/[A-Za-z0-9_][A-Za-z0-9_.@:\\-]*)*$/;
/** docker writes its own names with a slash before them, and Kubernetes ids as `containerd://ID`. */
const SCHEME = /^([a-z]+|cri-o):(?:\/\/|(?<=^docker:)\/)?(.*)$/;
const WITH_SLASH = /^\/([^/]*)$/;

/**
 * `SCHEME:NAME` or `NAME`, of what is no number.
 *
 * @throws UsageError for what nothing can be called
 */
export function parseName(text: string): TargetName {
  const [, scheme, rest] = SCHEME.exec(text) ?? [];
  const name = rest ?? WITH_SLASH.exec(text)?.[1] ?? text;
  if (/^\d+(:|$)/.test(text) || !NAME.test(name)) throw notAProcessId(text);
  return scheme === undefined ? { name } : { scheme: scheme === 'cri-o' ? 'pod' : scheme, name };
}

/**
 * What a name means that a number does not: it is entered whole unless something is said, and a network namespace that has a name is
 * just that.
 *
 * @throws UsageError where something of a process is asked of a namespace
 */
export function meanByName(request: Request, { scheme, name }: TargetName): void {
  const isWhole =
    Object.keys(request.namespaces).length === 0 && request.netSocket === undefined && !request.userParent;
  if (scheme === 'netns') meanNetwork(request, name);
  else if (isWhole) request.all = true;
}

/** ip-netns(8) keeps them as files. */
function meanNetwork(request: Request, name: string): void {
  if (name.includes('/')) throw notAProcessId(`netns:${name}`);
  const { net, ...others } = request.namespaces;
  const [other] = [...Object.keys(others), ...(net && net.from !== 'target' ? ['another net'] : [])];
  if (other !== undefined || request.root?.from === 'target' || request.workingDirectory?.from === 'target')
    throw new UsageError(
      'enter',
      `${other ?? 'directory'} of netns:${name}`,
      'it is a network namespace, not a process',
      'ip-netns(8) keeps nothing but network namespaces: name a process, too, or only the network is entered.',
    );
  request.all = false;
  request.target = undefined;
  request.namespaces = {
    net: { from: 'file', path: `/run/netns/${name}`, ofHost: { root: request.hostRoot } },
  };
}
