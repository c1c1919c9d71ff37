import type { OptionName } from '../options/table.ts';
import { NAMESPACES } from '../sys/namespaces.ts';

type Said = (value: string | undefined) => string;

/** A key, with a value where there is one. */
const key =
  (name: string): Said =>
  (value) =>
    value === undefined ? name : `${name}: ${/^\d+$/.test(value) ? value : `'${value}'`}`;
const no =
  (name: string): Said =>
  () =>
    `${name}: false`;
const namespace =
  (name: string): Said =>
  (value) =>
    value === undefined ? `namespaces: ['${name}']` : `namespaces: { ${name}: '${value}' }`;
const call =
  (name: string): Said =>
  () =>
    `${name}()`;

/** How the library says each option of the command line; undefined: it has nothing of the kind. */
const SAID: Readonly<Record<OptionName, Said | undefined>> = {
  all: key('all'),
  target: key('target'),
  mount: namespace('mount'),
  uts: namespace('uts'),
  ipc: namespace('ipc'),
  net: namespace('net'),
  'net-socket': key('netSocket'),
  pid: namespace('pid'),
  cgroup: namespace('cgroup'),
  user: namespace('user'),
  'user-parent': key('userParent'),
  time: namespace('time'),
  setuid: key('uid'),
  setgid: key('gid'),
  'preserve-credentials': key('preserveCredentials'),
  'keep-caps': key('keepCapabilities'),
  root: key('root'),
  wd: key('workingDirectory'),
  wdns: key('cwd'),
  env: key('targetEnvironment'),
  'no-fork': no('fork'),
  'join-cgroup': key('joinCgroup'),
  'follow-context': key('followContext'),
  pty: key('pty'),
  'no-pty': no('pty'),
  escape: key('escape'),
  'kill-child': key('killChild'),
  'no-kill-child': no('killChild'),
  'no-forward-signals': no('forwardSignals'),
  'failure-status': undefined,
  groups: key('groups'),
  caps: key('caps'),
  'no-new-privs': key('noNewPrivileges'),
  umask: key('umask'),
  'new-session': key('newSession'),
  setenv: key('env'),
  unsetenv: key('env'),
  'clear-env': key('env'),
  'env-file': undefined,
  'close-fds': key('closeDescriptors'),
  'preserve-fds': key('preserveDescriptors'),
  'as-target': key('asTarget'),
  unsealed: key('unsealed'),
  'host-root': key('hostRoot'),
  list: call('list'),
  explain: call('explain'),
  completion: undefined,
  help: undefined,
  version: undefined,
};

const ANY_NAMESPACE = NAMESPACES.map(({ name }) => name).join('|');
const LIST = new RegExp(`--(?:${ANY_NAMESPACE})(?: --(?:${ANY_NAMESPACE}))+(?![\\w=-])`, 'g');
/** One that is named, and its value, which a sentence may end with. */
const ONE = /(?<![\w-])(?:--([a-z][a-z-]*)(?:=([^\s,;]*[^\s,;.]))?|-t ([^\s,;]*[^\s,;.:]))/g;

/**
 * A text of the core with the library's names for the options that it names. What stands in quotes is somebody's, or a command.
 *
 * `enter it by --groups=none` becomes `enter it by groups: 'none'`.
 */
export function inKeys(text: string): string {
  if (!text.includes('-')) return text;
  return text
    .split(/((?<!\w)'[^']*')/)
    .map((part, index) => (index % 2 === 1 ? part : namedByKeys(part)))
    .join('');
}

function namedByKeys(text: string): string {
  const listed = text.replace(LIST, (found) => {
    const names = found.split(' ').map((option) => `'${option.slice(2)}'`);
    return `namespaces: [${names.join(', ')}]`;
  });
  return listed.replace(
    ONE,
    (found, long: string | undefined, value: string | undefined, target?: string) => {
      const said = long === undefined ? SAID.target : SAID[long as OptionName];
      return said?.(value ?? target) ?? found;
    },
  );
}
