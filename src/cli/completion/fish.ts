import { SCHEMES } from '../../target/schemes.ts';
import { OFFERS, type Offer, type Source } from './offers.ts';

/** For fish 3.1 and later. */
export function renderFish(command: string): string {
  return `# Completion for fish, by: ${command} --completion fish
${readFunction()}
${PROGRAM}
${VALUES}
function __tsenter_names
    command -q ${command}; or return
    # Units and networks are told to who names them.
    set -l scheme (__tsenter_value | string trim -l -c '\\'"' | string match -r '^[a-z]+:')
    command ${command} $__tsenter_host_root --list=names $scheme 2>/dev/null </dev/null | string match -r '^[a-z]+:[A-Za-z0-9_.@:/\\\\\\\\-]+$'
end

complete -c ${command} -e
complete -c ${command} -f
complete -c ${command} -n __tsenter_at_program -a '(__tsenter_program)'
${OFFERS.map((offer) => `complete -c ${command} ${optionWords(offer)}`).join('\n')}
`;
}

function readFunction(): string {
  const letters = OFFERS.filter(({ short }) => short);
  const with_ = (kind: Offer['value']) =>
    OFFERS.filter(({ value }) => value === kind).map(({ long }) => long);
  return `
# What stands before the cursor, as tsenter will read it: the options that are given, the one whose value comes next, the program
function __tsenter_read
    set -l line (commandline -pc | string collect)
    test "$line" = "$__tsenter_line"; and return
    set -g __tsenter_line $line
    set -g __tsenter_given
    set -g __tsenter_wants
    set -g __tsenter_words
    set -g __tsenter_host_root
    set -l names ${OFFERS.map(({ long }) => long).join(' ')}
    set -l letters ${letters.map(({ short }) => short).join(' ')}
    set -l long ${letters.map(({ long }) => long).join(' ')}
    set -l required ${with_('required').join(' ')}
    set -l optional ${with_('optional').join(' ')}
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        set -l word $words[1]
        if set -q __tsenter_wants[1]
            test $__tsenter_wants = host-root; and set __tsenter_host_root --host-root=$word
            set __tsenter_wants
            set -e words[1]
            continue
        end
        switch $word
            case --
                set -e words[1]
                set __tsenter_words program $words
                return
            case '--*'
                set -l parts (string split -m 1 = -- (string sub -s 3 -- $word))
                set -l name $parts[1]
                contains -- $name $names; or set name (string match -- (string escape --style=regex -- $name)'*' $names)[1]
                set -a __tsenter_given $name
                if set -q parts[2]
                    test "$name" = host-root; and set __tsenter_host_root --host-root=$parts[2]
                else if contains -- "$name" $required
                    set __tsenter_wants $name
                end
            case '-?*'
                set -l rest (string sub -s 2 -- $word)
                while test -n "$rest"
                    set -l at (contains -i -- (string sub -l 1 -- $rest) $letters)
                    set rest (string sub -s 2 -- $rest)
                    set -l name $long[$at]
                    set -a __tsenter_given $name
                    contains -- "$name" $optional; and break
                    if contains -- "$name" $required
                        test -n "$rest"; or set __tsenter_wants $name
                        break
                    end
                end
            case '*'
                set __tsenter_words program $words
                return
        end
        set -e words[1]
    end
end`;
}

function optionWords({ long, short, value, source, summary, beside, repeats }: Offer): string {
  const letter = short ? ` -s ${short}` : '';
  const offers = `-n '__tsenter_offers ${[long, ...(repeats ? [] : [long]), ...beside].join(' ')}'`;
  return `${offers}${letter} -l ${long}${value ? valueWords(value, source) : ''} -d '${summary.replace(/[\\']/g, '\\$&')}'`;
}

function valueWords(value: 'optional' | 'required', source: Source): string {
  return `${value === 'required' ? ' -x' : ''}${valuesOf(source)}`;
}

function valuesOf(source: Source): string {
  switch (source.from) {
    case 'words':
      return ` -a '${source.words.join(' ')}'`;
    case 'list':
      return ` -a '(__tsenter_list ${source.orCapitals ? 'capitals' : 'small'} "${source.alone.join(' ')}" ${source.words.join(' ')})'`;
    case 'targets':
      return " -a '(__tsenter_processes; __tsenter_names)'";
    case 'namespaces':
      return ` -a '(__tsenter_namespaces ${source.file})'`;
    case 'users':
      return " -a '(__tsenter_ids /etc/passwd)'";
    case 'groups':
      return " -a '(__tsenter_ids /etc/group)'";
    case 'directories':
      return " -a '(__tsenter_directories)'";
    case 'files':
      return " -a '(__fish_complete_path (__tsenter_value))'";
    case 'variables':
      return " -a '(set --names --export)'";
    case 'nothing':
      return '';
  }
}

const PROGRAM = `
# an option is offered where none is given that stands behind it, as it does itself where it counts once; and it is the one whose value comes next
function __tsenter_offers
    __tsenter_read
    set -q __tsenter_words[1]; and return 1
    if set -q __tsenter_wants[1]
        test $__tsenter_wants = $argv[1]
        return
    end
    for name in $argv[2..-1]
        contains -- $name $__tsenter_given; and return 1
    end
    return 0
end

function __tsenter_at_program
    __tsenter_read
    set -q __tsenter_words[1]; and return
    set -q __tsenter_wants[1]; and return 1
    not string match -q -- '-*' (commandline -ct)
end

function __tsenter_program
    if contains list $__tsenter_given
        printf '%s\\n' ${SCHEMES.join(' ')}
        __tsenter_names
        return
    end
    __fish_complete_subcommand --commandline (string escape -- $__tsenter_words[2..-1]) (commandline -ct)
end`;

/** They read nothing that a process could make wait: /proc/PID/cmdline is in its memory, its name is not. */
const VALUES = `
# Those without memory are threads of the kernel, or have ended.
function __tsenter_processes
    set -l files (string match -r '^/proc/\\d+/stat$' /proc/*/stat)
    # A name may have lines: each has to be of the file of its number.
    command grep -aH '' $files 2>/dev/null </dev/null | string replace -ra '[^ -~]' '?' | string replace -rf '^/proc/(\\d+)/stat:\\1 \\((.*)\\) (?:\\S+ ){20}[1-9].*' '$1\\t$2'
end

function __tsenter_ids
    string replace -ra '[^ -~]' '?' <$argv[1] | string replace -rf '^([^:]*):[^:]*:(\\d+):.*' '$2\\t$1'
    printf '%s\\t%s\\n' follow 'that of the target'
end

# the value that the word of an option has, glued or behind a =
function __tsenter_value
    commandline -ct | string replace -r -- '^(--[^=]*=|-[A-Za-z]=?)' ''
end

# behind each comma another, with a sign, as the first one has, or without; those of the second argument have none; where the first says so, in capitals as well
function __tsenter_list
    set -l value (__tsenter_value)
    set -l head (string match -r '^.*,' -- $value)
    set -l last (string replace -r '^.*,' '' -- $value)
    set -l names $argv[3..-1]
    set -l sign (string match -r '^[+-]' -- $last)
    if not set -q sign[1]
        test -z "$last"; and set sign (string match -r '^[+-]' -- $head)
    end
    set -q sign[1]; or set -a names (string split ' ' -- $argv[2])
    test $argv[1] = capitals; and string match -qr '[A-Z]' -- $last; and set names (string upper -- $names)
    printf '%s\\n' "$head$sign"$names
end

function __tsenter_namespaces
    set -l value (__tsenter_value)
    set -l directory (string match -r '^/proc/(?:\\d+|self|thread-self)/ns/' -- $value)
    if set -q directory[1]
        for file in $directory$argv[1] $directory$argv[1]_for_children
            test -L $file; and echo $file
        end
        return
    end
    set -l networks
    if test $argv[1] = net -a -z "$value"
        for file in /run/netns/*
            set -a networks $file
        end
    end
    if set -q networks[1]
        printf '%s\\n' $networks
    else
        __fish_complete_path $value
    end
end

function __tsenter_directories
    __fish_complete_directories (__tsenter_value)
end`;
