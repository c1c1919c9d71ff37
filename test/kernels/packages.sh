#!/bin/bash
# Fetches packages of a Debian suite, once, and prints the folder that has their files, all together, and in .versions what they are.
#
#   packages.sh [--with-dependencies] SUITE ARCHITECTURE PACKAGE...
#
# They stay until the folder is removed.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

all=
if [ "$1" = --with-dependencies ]; then all=-all; shift; fi
suite=$1 architecture=$2
shift 2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test/packages
files=$cache/$suite-$architecture$all-$(IFS=_; echo "$*")

mkdir -p "$cache"
exec 9>"$files.lock"
flock 9
if [ ! -e "$files" ]; then
	work=$files.new
	trap 'rm -rf "$work"' EXIT
	prepare_apt "$work" "$suite" "$architecture"
	mkdir "$work/files"
	if [ -n "$all" ]; then
		apt-get "${options[@]}" -o "Dir::Cache::archives=$work/packages/" --no-install-recommends --download-only install "$@" >&2
	else
		(cd "$work/packages" && apt-get "${options[@]}" download "$@") >&2
	fi
	for package in "$work"/packages/*.deb; do
		dpkg-deb -x "$package" "$work/files"
		dpkg-deb -W "$package" >>"$work/files/.versions"
	done
	mv "$work/files" "$files"
fi
echo "$files"
