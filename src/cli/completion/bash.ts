import { ON_DEMAND, SCHEMES } from '../../target/schemes.ts';
import { OFFERS, type Source } from './offers.ts';

/** For bash 4.4 and later, with bash-completion or without it. */
export function renderBash(command: string): string {
  return `# Completion for bash, by: ${command} --completion bash
${optionTable()}
${WORDS}
${valueTable()}
${VALUES}
_tsenter_program() { # $1: where it is among COMP_WORDS
	local function
	for function in _comp_command_offset _command_offset; do
		if declare -F "$function" >/dev/null; then
			"$function" "$1"
			return
		fi
	done
	compopt -o bashdefault -o default
	if ((COMP_CWORD == $1)); then mapfile -t COMPREPLY < <(compgen -c -- "\${COMP_WORDS[COMP_CWORD]}"); fi
}

_tsenter_complete() {
	local - IFS=$' \\t\\n'
	set +fu
	local command=${command} names name= value= prefix='' i
	local -A long takes beside repeats
	_tsenter_table

	local words=() starts=()
	_tsenter_join
	local given=' ' wants='' program=0 host_root=()
	_tsenter_read || return

	local word tail unquoted quote open escape='' found=() about=()
	_tsenter_unquote "\${words[-1]}"
	word=$unquoted open=$quote
	# Readline leaves an open quote as it is.
	_tsenter_unquote "$open$2"
	tail=$unquoted
	local last=$((\${#words[@]} - 1))
	if [[ -z $wants && $program -eq 0 && ($word != -* && $given != ' ' || -n $word && $word != -*) ]]; then program=$last; fi
	if [[ $program -gt 0 && $given == *' list '* ]]; then
		mapfile -t found < <(compgen -W '${SCHEMES.join(' ')}' -- "$word")
		_tsenter_named "$word"
		_tsenter_reply
		return
	fi
	if ((program > 0)); then
		_tsenter_program "\${starts[program]}"
		return
	fi
	if [[ -n $wants ]]; then
		_tsenter_values "$wants" "$word"
	elif [[ $word == --*=* ]]; then
		prefix=\${word%%=*}=
		_tsenter_long "\${word%%=*}" && _tsenter_values "$name" "\${word#*=}"
	elif [[ $word == -[!-]* ]]; then
		_tsenter_cluster "$word" || return
		prefix=\${word%"$value"}
		if [[ -n $value ]]; then _tsenter_values "$name" "$value"; else found=('') prefix=$word; fi
	else
		_tsenter_offer "$word"
	fi
	_tsenter_reply
}

_tsenter() {
	# Without a match there is nothing to say.
	local failglob
	shopt -q failglob && failglob=-s || failglob=-u
	shopt -u failglob
	_tsenter_complete "$@"
	shopt "$failglob" failglob
}

complete -F _tsenter ${command}
`;
}

function optionTable(): string {
  const letters = OFFERS.flatMap(({ long, short }) => (short ? [`[${short}]=${long}`] : []));
  const takes = OFFERS.flatMap(({ long, value }) => (value ? [`[${long}]=${value}`] : []));
  const beside = OFFERS.flatMap((offer) =>
    offer.beside.length > 0 ? [`[${offer.long}]='${offer.beside.join(' ')}'`] : [],
  );
  const repeats = OFFERS.flatMap((offer) => (offer.repeats ? [`[${offer.long}]=1`] : []));
  return `
_tsenter_table() {
	names=(${OFFERS.map(({ long }) => long).join(' ')})
	long=(${letters.join(' ')})
	takes=(${takes.join(' ')})
	beside=(${beside.join(' ')})
	repeats=(${repeats.join(' ')})
}`;
}

/** What stands on the command line, as tsenter will read it. */
const WORDS = `
# words: as the shell will have them, up to the cursor. COMP_WORDS end at each : and = as well.
_tsenter_join() {
	local rest=\${COMP_LINE:0:COMP_POINT} blank piece
	for ((i = 0; i <= COMP_CWORD; i++)); do
		blank=\${rest%%[![:space:]]*}
		rest=\${rest#"$blank"}
		piece=\${COMP_WORDS[i]}
		[[ $rest == "$piece"* ]] || piece=$rest
		rest=\${rest#"$piece"}
		if [[ i -eq 0 || -n $blank ]]; then
			words+=("$piece")
			starts+=("$i")
		else
			words[-1]+=$piece
		fi
	done
}

# unquoted: $1 as the shell will have it; quote: the one that is open at its end
_tsenter_unquote() {
	local i c
	unquoted='' quote=''
	for ((i = 0; i < \${#1}; i++)); do
		c=\${1:i:1}
		case $quote$c in
		[\\"\\']) quote=$c ;;
		"''" | '""') quote='' ;;
		\\\\) unquoted+=\${1: ++i:1} ;;
		'"\\')
			[[ \${1:i+1:1} != [\\"\\\\\\$\\\`] ]] || c=\${1: ++i:1}
			unquoted+=$c
			;;
		*) unquoted+=$c ;;
		esac
	done
}

# given; wants: the option whose value comes next; program: where it is; it fails where no option is known
_tsenter_read() {
	local word
	for ((i = 1; i < \${#words[@]} - 1; i++)); do
		word=\${words[i]//[\\"\\'\\\\]/}
		if [[ -n $wants ]]; then
			[[ $wants != host-root ]] || host_root=("--host-root=$word")
			wants=''
			continue
		fi
		case $word in
		--)
			program=$((i + 1))
			return
			;;
		--*)
			_tsenter_long "\${word%%=*}" || return
			[[ $word != --host-root=* ]] || host_root=("$word")
			[[ $word == *=* || \${takes[$name]-} != required ]] || wants=$name
			;;
		-?*)
			_tsenter_cluster "$word" || return
			[[ -n $value || \${takes[$name]-} != required ]] || wants=$name
			;;
		*)
			program=$i
			return
			;;
		esac
		given+="$name "
	done
}

# name: that of --NAME, or of the first that begins so
_tsenter_long() {
	local each
	name=''
	for each in "\${names[@]}"; do
		if [[ --$each == "$1" ]]; then
			name=$each
			return
		fi
		[[ -n $name || --$each != "$1"* ]] || name=$each
	done
	[[ -n $name ]]
}

# given: all but the last of a word of letters; name, value: of the last, which may have its value behind it
_tsenter_cluster() {
	local at letter
	for ((at = 1; at < \${#1}; at++)); do
		letter=\${1:at:1}
		[[ $letter == [A-Za-z] && -n \${long[$letter]-} ]] || return
		name=\${long[$letter]} value=''
		if [[ -n \${takes[$name]-} ]]; then
			value=\${1:at+1}
			return
		fi
		given+="$name "
	done
}

_tsenter_offer() {
	local each other
	for each in "\${names[@]}"; do
		[[ --$each == "$1"* && (-n \${repeats[$each]-} || $given != *" $each "*) ]] || continue
		for other in \${beside[$each]-}; do [[ $given != *" $other "* ]] || continue 2; done
		found+=("--$each")
	done
	# Behind it may be a = or the next word.
	[[ \${#found[@]} -ne 1 || \${takes[\${found[0]#--}]-} != optional ]] || compopt -o nospace
}

# COMPREPLY: what is found, without the part of the word that readline leaves as it is
_tsenter_reply() {
	local head one='\\'
	[[ $tail != [=:] ]] || tail=''
	head=\${word%"$tail"}
	# All at once: of a thousand a loop takes longer than what lists them.
	COMPREPLY=("\${found[@]/#/"$prefix"}")
	COMPREPLY=("\${COMPREPLY[@]#"$head"}")
	# Between quotes the shell leaves it alone.
	[[ -z $escape || -n $open ]] || COMPREPLY=("\${COMPREPLY[@]//"$one"/"$one$one"}")
	# Only where a list is shown, and none of it is inserted but what all begin with.
	if [[ \${#found[@]} -gt 1 && $COMP_TYPE == @(63|33|64) ]]; then
		for i in "\${!about[@]}"; do COMPREPLY[i]+=" (\${about[i]})"; done
	fi
	if [[ \${#found[@]} -eq 1 && \${found[0]} == */ ]]; then compopt -o nospace; fi
}`;

function valueTable(): string {
  const lines = OFFERS.flatMap(({ long, value, source }) =>
    value && source.from !== 'nothing' ? [`\t${long}) ${valuesOf(source)} ;;`] : [],
  );
  return `
# found, about: those values of the option $1 that begin with $2
_tsenter_values() {
	case $1 in
${lines.join('\n')}
	esac
}`;
}

function valuesOf(source: Exclude<Source, { from: 'nothing' }>): string {
  switch (source.from) {
    case 'words':
      return `mapfile -t found < <(compgen -W '${source.words.join(' ')}' -- "$2")`;
    case 'list':
      return `_tsenter_list "$2" '${source.words.join(' ')}' '${source.alone.join(' ')}'${source.orCapitals ? ' capitals' : ''}`;
    case 'targets':
      return '_tsenter_processes "$2"; _tsenter_named "$2"';
    case 'namespaces':
      return `_tsenter_namespaces "$2" ${source.file}`;
    case 'users':
      return '_tsenter_ids "$2" /etc/passwd';
    case 'groups':
      return '_tsenter_ids "$2" /etc/group';
    case 'directories':
      return '_tsenter_files "$2" -d';
    case 'files':
      return '_tsenter_files "$2"';
    case 'variables':
      return `mapfile -t found < <(compgen -e -- "$2")`;
  }
}

/** They read nothing that a process could make wait: /proc/PID/cmdline is in its memory, its name is not. */
const VALUES = `
# those without memory are threads of the kernel, or have ended
_tsenter_processes() {
	local LC_ALL=C file line rest fields
	[[ $1 != *[!0-9]* ]] || return
	for file in /proc/\${1:-[1-9]}*/stat; do
		# A name may have lines, and who reads one only can be told another number.
		line=''
		{ IFS= read -r -d '' line; } 2>/dev/null <"$file"
		rest=\${line##*') '}
		fields=($rest)
		[[ \${fields[20]-0} != 0 ]] || continue
		line=\${line%") $rest"}
		found+=("\${line%%' '*}")
		line=\${line#*'('}
		about+=("\${line//[! -~]/?}")
	done
}

# SCHEME:NAME, or where none begins so, NAME
_tsenter_named() {
	local -
	local LC_ALL=C IFS=$'\\n' each i named beside=() patterns=()
	[[ $1 != [0-9]* && $1 != *[!A-Za-z0-9_.@:/\\\\-]* ]] && type -P "$command" >/dev/null || return
	if [[ -n $1 ]]; then
		patterns=("$1*")
		# Units and networks are told to who names them.
		for each in ${SCHEMES.filter((scheme) => !ON_DEMAND.includes(scheme)).join(' ')}; do [[ $each != "$1"* ]] || patterns+=("$each:"); done
	fi
	set -f
	named=($(command "$command" "\${host_root[@]}" --list=names "\${patterns[@]}" 2>/dev/null </dev/null))
	# Of all at once it is known in a twentieth of the time that none has other characters.
	if [[ \${named[*]} == *[!A-Za-z0-9_.@:/$'\\n'\\\\-]* ]]; then
		for i in "\${!named[@]}"; do [[ \${named[i]} != *[!A-Za-z0-9_.@:/\\\\-]* ]] || unset "named[i]"; done
	fi
	for each in "\${named[@]}"; do
		if [[ $each == "$1"* ]]; then found+=("$each"); elif [[ $each == *:"$1"* && $each != netns:* ]]; then beside+=("$each"); fi
	done
	escape=1
	if ((\${#found[@]} > 0)); then return; fi
	for each in "\${beside[@]}"; do [[ \${each#*:} != "$1"* ]] || found+=("\${each#*:}"); done
}

# the ids of a file: a name is the target's, whatever number the caller's has
_tsenter_ids() {
	local LC_ALL=C name id _
	local -A seen
	while IFS=: read -r name _ id _; do
		[[ -n $id && $id != *[!0-9]* && -z \${seen[$id]-} ]] || continue
		seen[$id]=1
		if [[ $id == "$1"* ]]; then
			found+=("$id")
			about+=("\${name//[! -~]/?}")
		fi
	done 2>/dev/null <"$2"
	if [[ follow == "$1"* ]]; then found+=(follow); fi
}

# directories end with a slash; with -d there is nothing else
_tsenter_files() {
	local file
	# What the shell would expand, readline knows.
	case $1 in
	*[\\$\\\`]* | '~'*)
		compopt -o default
		return
		;;
	esac
	compopt -o filenames
	for file in "$1"*; do
		if [[ -d $file ]]; then found+=("$file/"); elif [[ \${2-} != -d && (-e $file || -L $file) ]]; then found+=("$file"); fi
	done
}

# behind each comma another of $2, with a sign, as the first one has, or without; those of $3 have none; with $4 in capitals as well
_tsenter_list() {
	local head=\${1%"\${1##*,}"} last=\${1##*,} sign='' names=$2
	if [[ $last == [+-]* ]]; then
		sign=\${last:0:1} last=\${last:1}
	elif [[ $head == [+-]* && -z $last ]]; then
		sign=\${head:0:1}
	else
		names+=" $3"
	fi
	[[ -z \${4-} || $last != *[A-Z]* ]] || names=\${names^^}
	mapfile -t found < <(compgen -W "$names" -- "$last")
	found=("\${found[@]/#/"$head$sign"}")
	compopt -o nospace
}

_tsenter_namespaces() {
	local file
	if [[ $1 =~ ^/proc/([0-9]+|self|thread-self)/ns/ ]]; then
		for file in "\${BASH_REMATCH[0]}$2" "\${BASH_REMATCH[0]}$2_for_children"; do
			[[ $file != "$1"* || ! -L $file ]] || found+=("$file")
		done
		return
	fi
	if [[ $2 == net && -z $1 ]]; then _tsenter_files /run/netns/; fi
	if ((\${#found[@]} == 0)); then _tsenter_files "$1"; fi
}
`;
