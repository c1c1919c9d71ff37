#!/bin/sh
# Executes the executable of this machine's package, where it could not be put here itself (place-executable.mjs), and no other program
# on the way. Variables have names that nobody else gives: what is exported under a name would be changed for the program.
# A shell that is bash would take these from the environment.
unset -f [ command echo read 2>/dev/null
case $0 in */*) tsenter_bin=${0%/*} ;; *) tsenter_bin=. ;; esac
tsenter_package=$tsenter_bin/..
if [ -h "$0" ]; then
	# A link of npm's: of what is global, of a project. Else who made the link knows where it leads.
	# Beside it others may have put a package of theirs, with a link to this file, or a hard link; and what is not the caller's, or a link, may be
	# another at the next look.
	tsenter_called=$0
	tsenter_is_own() { [ -O "$1" ] && [ ! -h "$1" ]; }
	tsenter_is_package() {
		tsenter_package=$1
		tsenter_is_own "$1" && tsenter_is_own "$1/bin" && tsenter_is_own "$1/bin/tsenter" && [ "$1/bin/tsenter" -ef "$tsenter_called" ]
	}
	if tsenter_is_own "$tsenter_bin/../lib" && tsenter_is_own "$tsenter_bin/../lib/node_modules" &&
		tsenter_is_package "$tsenter_bin/../lib/node_modules/tsenter"; then
		:
	elif tsenter_is_package "$tsenter_bin/../tsenter"; then
		:
	else
		tsenter_package=$(command -p readlink -f -- "$0")
		tsenter_package=${tsenter_package%/*/*}
	fi
fi
# Linux 6.1
{ read -r tsenter_cpu </proc/sys/kernel/arch; } 2>/dev/null || tsenter_cpu=$(command -p uname -m)
case $tsenter_cpu in x86_64) tsenter_cpu=x64 ;; aarch64) tsenter_cpu=arm64 ;; esac
# Beside it only in a node_modules: else it may be a directory in which others put what they like.
tsenter_beside=
[ "$tsenter_package/.." -ef "$tsenter_package/../../node_modules" ] && tsenter_beside=$tsenter_package/..
for tsenter_place in "$tsenter_package/node_modules" ${tsenter_beside:+"$tsenter_beside"}; do
	tsenter_place=$tsenter_place/tsenter-linux-$tsenter_cpu/bin/tsenter
	[ -x "$tsenter_place" ] && exec "$tsenter_place" "$@"
done
echo "tsenter: find package tsenter-linux-$tsenter_cpu: not installed with tsenter
It is an optional dependency of it, for linux on x64 and arm64: npm install --include=optional" >&2
exit 1
