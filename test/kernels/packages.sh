#!/bin/bash
# Fetches packages of a Debian suite, once, and prints the folder that has their files, all together, and in .versions what they are.
#
#   packages.sh SUITE ARCHITECTURE PACKAGE...
#
# What they depend on is not fetched. They stay until the folder is removed.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

suite=$1 architecture=$2
shift 2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test/packages
files=$cache/$suite-$architecture-$(IFS=_; echo "$*")

mkdir -p "$cache"
exec 9>"$files.lock"
flock 9
if [ ! -e "$files" ]; then
	work=$files.new
	trap 'rm -rf "$work"' EXIT
	prepare_apt "$work" "$suite" "$architecture"
	mkdir "$work/files"
	(cd "$work/packages" && apt-get "${options[@]}" download "$@") >&2
	for package in "$work"/packages/*.deb; do
		dpkg-deb -x "$package" "$work/files"
		dpkg-deb -W "$package" >>"$work/files/.versions"
	done
	mv "$work/files" "$files"
fi
echo "$files"
