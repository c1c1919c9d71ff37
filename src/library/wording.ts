import type { OptionName } from '../options/table.ts';
import { NAMESPACES } from '../sys/namespaces.ts';

/** How the library says an option of the command line, in a hint; `value` is what the hint gives it. */
type Said = (value: string | undefined) => string;

interface Key {
  name: string;
  says: Said;
}

function key(name: string): Key {
  const says: Said = (value) =>
    value === undefined ? name : `${name}: ${/^\d+$/.test(value) ? value : `'${value}'`}`;
  return { name, says };
}

/** Those that are true or false. */
function flag(name: string, isSo = true): Key {
  return { name, says: () => `${name}: ${isSo}` };
}

function namespace(name: string): Key {
  const says: Said = (value) =>
    value === undefined ? `namespaces: ['${name}']` : `namespaces: { ${name}: '${value}' }`;
  return { name: `namespaces.${name}`, says };
}

function call(name: string): Key {
  return { name: `${name}()`, says: () => `${name}()` };
}

/** By the option the key; undefined: the library has nothing of the kind. */
const KEYS: Readonly<Record<OptionName, Key | undefined>> = {
  all: flag('all'),
  target: key('target'),
  mount: namespace('mount'),
  uts: namespace('uts'),
  ipc: namespace('ipc'),
  net: namespace('net'),
  'net-socket': key('netSocket'),
  pid: namespace('pid'),
  cgroup: namespace('cgroup'),
  user: namespace('user'),
  'user-parent': flag('userParent'),
  time: namespace('time'),
  setuid: key('uid'),
  setgid: key('gid'),
  'preserve-credentials': flag('preserveCredentials'),
  'keep-caps': flag('keepCapabilities'),
  root: key('root'),
  wd: key('workingDirectory'),
  wdns: key('cwd'),
  env: flag('targetEnvironment'),
  'no-fork': flag('fork', false),
  'join-cgroup': flag('joinCgroup'),
  'follow-context': flag('followContext'),
  pty: flag('pty'),
  'no-pty': flag('pty', false),
  escape: key('escape'),
  'kill-child': key('killChild'),
  'no-kill-child': flag('killChild', false),
  'no-forward-signals': flag('forwardSignals', false),
  'failure-status': undefined,
  groups: key('groups'),
  caps: key('caps'),
  'no-new-privs': flag('noNewPrivileges'),
  umask: key('umask'),
  'new-session': flag('newSession'),
  setenv: key('env'),
  unsetenv: key('env'),
  'clear-env': key('env'),
  'env-file': undefined,
  'close-fds': flag('closeDescriptors'),
  'preserve-fds': key('preserveDescriptors'),
  'as-target': key('asTarget'),
  unsealed: flag('unsealed'),
  'host-root': key('hostRoot'),
  list: call('list'),
  explain: call('explain'),
  completion: undefined,
  help: undefined,
  version: undefined,
};

/** What a hint of the core says as a whole, and the library otherwise; empty: it is about how a command line is typed. */
const PHRASES: readonly [RegExp, string][] = [
  [/^(?:-\w+ is -\w|docker's -it|-t[a-z]+ is ).*$/s, ''],
  [/^The word behind --target is its value: .*$/s, 'It is a process id, or a name that list() shows.'],
  [/--target PID\|NAME/g, 'target'],
  [/; 'tsenter --help' lists it(?=\.|$)/g, ''],
  [/^Try 'tsenter --help' for more information\.$/, ''],
  [/'tsenter --list ([^'\s]+)'/g, "list(['$1'])"],
  [/'tsenter --list'/g, 'list()'],
  [/is set by --setenv (\w+)=(\S*)$/, "is one of env: { $1: '$2' }"],
  [/\brun tsenter as root\b/g, 'run this as root'],
  [/-w\/bin \.\/busybox sh/g, "workingDirectory: '/bin' and './busybox'"],
  [/^--(\w+) takes the file of a namespace/, 'namespaces.$1 takes the file of a namespace'],
  [/-t PID --all/g, 'target: PID, all: true'],
];

const ANY_NAMESPACE = NAMESPACES.map(({ name }) => name).join('|');
const LIST = new RegExp(`(?<![^\\s(])--(?:${ANY_NAMESPACE})(?: --(?:${ANY_NAMESPACE}))+(?![\\w=-])`, 'g');
/** One that is named, and its value, which a sentence may end with. */
const ONE = /(?<![^\s(])(?:--([a-z][a-z-]*)(?:=([^\s,;]*[^\s,;.]))?|-t ([^\s,;]*[^\s,;.:]))/g;
/** Somebody's words, or a command. */
const QUOTED = /((?<!\w)'[^']*')/;

/**
 * A hint of the core with the library's keys for the options that it names.
 *
 * `It is --groups=none.` becomes `It is groups: 'none'.`
 *
 * @returns undefined where it is about nothing but a command line
 */
export function hintInKeys(text: string): string | undefined {
  const hint = PHRASES.reduce((all, [phrase, said]) => all.replace(phrase, said), text);
  return (
    hint
      .split(QUOTED)
      .map((part, index) => (index % 2 === 1 ? part : namedByKeys(part)))
      .join('') || undefined
  );
}

function namedByKeys(text: string): string {
  const listed = text.replace(LIST, (found) => {
    const names = found.split(' ').map((option) => `'${option.slice(2)}'`);
    return `namespaces: [${names.join(', ')}]`;
  });
  return listed.replace(
    ONE,
    (found, long: string | undefined, value: string | undefined, target?: string) => {
      const said = long === undefined ? KEYS.target : KEYS[long as OptionName];
      return said?.says(value ?? target) ?? found;
    },
  );
}

/** `value '8' of --umask`, `options --pty and --no-fork`: where the core names an option, and nobody's words stand behind it. */
const OF_OPTION = /^(options? |.*\bof )--([a-z][a-z-]*)(?: and --([a-z][a-z-]*))?$/s;

/** What could not be understood, with the library's keys for the options that are named. */
export function objectInKeys(object: string): string {
  return object.replace(OF_OPTION, (found, before: string, one: string, other: string | undefined) => {
    const [first, second] = [one, other ?? one].map((long) => KEYS[long as OptionName]?.name);
    if (first === undefined || second === undefined) return found;
    return other === undefined ? before + first : `${before}${first} and ${second}`;
  });
}
