import { SCHEMES } from '../../target/schemes.ts';
import { OFFERS, type Offer, type Source } from './offers.ts';

/** For zsh 5, as a function of its own in fpath or sourced behind compinit. */
export function renderZsh(command: string): string {
  return `#compdef ${command}
# Completion for zsh, by: ${command} --completion zsh
${VALUES}
_tsenter_named() {
	local -a named host_root=(\${opt_args[--host-root]:+--host-root=\${(Q)opt_args[--host-root]}})
	local -a scheme
	local begin=$PREFIX
	[[ -n $compstate[quote] ]] || begin=\${(Q)begin}
	reply=()
	(( $+commands[${command}] )) || return
	# Units and networks are told to who names them.
	[[ $PREFIX != [a-z]##:* ]] || scheme=(\${PREFIX%%:*}:)
	named=(\${(f)"$(command ${command} $host_root --list=names $scheme 2>/dev/null </dev/null)"})
	reply=(\${(M)named:#[a-z]##:[A-Za-z0-9_.@:/\\\\-]##})
	# SCHEME:NAME, or where none begins so, NAME
	[[ -z $begin || -n \${(M)reply:#$begin*} ]] || reply=(\${\${reply:#netns:*}#*:})
}

_tsenter_listed() {
	local -a reply
	local expl
	_tsenter_named
	reply+=(${SCHEMES.join(' ')})
	_wanted names expl name compadd -a reply
}

_tsenter_program() {
	if (( $+opt_args[--list] )); then _tsenter_listed; else _command_names -e; fi
}

_tsenter_words() {
	if (( $+opt_args[--list] )); then _tsenter_listed; else _normal; fi
}

_tsenter() {
	local curcontext=$curcontext state line
	typeset -A opt_args
	_arguments -s -S -A '-*' \\
${OFFERS.flatMap(optionSpecs)
  .map((spec) => `\t\t${quoted(spec)} \\\n`)
  .join('')}\t\t'(-)1:program:_tsenter_program' \\
		'*::argument:_tsenter_words'
}

if [[ $funcstack[1] == _tsenter ]]; then _tsenter "$@"; else compdef _tsenter ${command}; fi
`;
}

/** As _arguments of zshcompsys(1) has them. */
function optionSpecs({ long, short, value, called, source, summary, beside, repeats }: Offer): string[] {
  const letter = short ? [`-${short}`] : [];
  const others = beside.flatMap((name) => {
    const other = OFFERS.find((offer) => offer.long === name);
    return [...(other?.short ? [`-${other.short}`] : []), `--${name}`];
  });
  const own = repeats ? [] : [...letter, `--${long}`];
  const not = `${own.length + others.length > 0 ? `(${[...own, ...others].join(' ')})` : ''}${repeats ? '*' : ''}`;
  const told = `[${summary.replace(/[[\]\\]/g, '\\$&')}]`;
  const behind = { optional: '-', required: '+' };
  const behindName = { optional: '=-', required: '=' };
  const message =
    value && `${value === 'optional' ? '::' : ':'}${called.replace(/:/g, '\\:')}:${valuesOf(source)}`;
  return [
    ...letter.map((option) => `${not}${option}${value ? behind[value] : ''}${told}${message ?? ''}`),
    `${not}--${long}${value ? behindName[value] : ''}${told}${message ?? ''}`,
  ];
}

function valuesOf(source: Source): string {
  switch (source.from) {
    case 'words':
      return `compadd - ${source.words.map(quoted).join(' ')}`;
    case 'list':
      return `_tsenter_list ${source.alone.join(',')} - ${source.words.join(' ')}`;
    case 'targets':
      return '_tsenter_targets';
    case 'namespaces':
      return `_tsenter_namespaces ${source.file}`;
    case 'users':
      return '_tsenter_ids users /etc/passwd';
    case 'groups':
      return '_tsenter_ids groups /etc/group';
    case 'directories':
      return '_files -/';
    case 'files':
      return '_files';
    case 'variables':
      return `compadd - \${(k)parameters[(R)*export*]}`;
    case 'nothing':
      return ' ';
  }
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

/** They read nothing that a process could make wait: /proc/PID/cmdline is in its memory, its name is not. */
const VALUES = `
# Those without memory are threads of the kernel, or have ended.
_tsenter_processes() {
	setopt localoptions extendedglob no_multibyte
	local file line
	local -a match mbegin mend
	reply=()
	for file in /proc/<->/stat(Nn); do
		{ line=$(<$file) } 2>/dev/null
		[[ $line == (#b)(<->)' ('(*)') '([^ ]##' ')(#c20)[1-9]* ]] && reply+=("$match[1]:\${match[2]//[^ -\\[\\]-~]/?}")
	done
}

_tsenter_targets() {
	local -a reply
	local ret=1
	if [[ $PREFIX == [0-9]# ]]; then
		_tsenter_processes
		_describe -V -t processes process reply && ret=0
	fi
	if [[ $PREFIX != [0-9]* ]]; then
		_tsenter_named
		_wanted names expl name compadd -a reply && ret=0
	fi
	return ret
}

# the ids of a file: a name is the target's, whatever number the caller's has
_tsenter_ids() {
	local -a ids
	local name password id rest
	while IFS=: read -r name password id rest; do
		[[ $id == <-> ]] || continue
		ids+=("$id:\${name//[^ -~]/?}")
	done <$argv[-1]
	ids+=('follow:that of the target')
	_describe -V -t $argv[-2] id ids
}

# behind each comma another, with a sign or without; those before the dash have none
_tsenter_list() {
	local -a names
	local at=$argv[(i)-]
	names=($argv[at+1,-1])
	compset -P '*,'
	compset -P '[+-]' || names+=(\${(s:,:)argv[at-1]})
	argv[at-1,-1]=()
	compadd "$@" -S '' -M 'm:{A-Z}={a-z}' -a names
}

_tsenter_namespaces() {
	local kind=$argv[-1]
	local -a files match mbegin mend
	argv[-1]=()
	if [[ $PREFIX == (#b)(/proc/(<->|self|thread-self)/ns/)* ]]; then
		files=($match[1]$kind(N@) $match[1]\${kind}_for_children(N@))
		compadd "$@" -a files
		return
	fi
	[[ $kind != net || -n $PREFIX ]] || files=(/run/netns/*(N))
	if (( $#files )); then compadd "$@" -a files; else _files "$@"; fi
}
`;
