#!/bin/bash
# Makes the root of a small Debian of another architecture, once, and prints its folder: what the tests call, Node, and in /opt the
# modules that they import, as package-lock.json has them. Nothing of it is executed here, and nothing is set up.
#
#   foreign-host.sh SUITE ARCHITECTURE
set -euo pipefail

suite=$1 architecture=$2
here=$(dirname "$(readlink -f "$0")")
repository=$here/../..
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test/hosts
hash=$(cat "$0" "$repository/package-lock.json" | sha256sum | head -c 12)
host=$cache/$suite-$architecture-$hash

mkdir -p "$cache"
exec 9>"$cache/.$suite-$architecture.lock"
flock 9
if [ ! -e "$host" ]; then
	packages=$(bash "$here/packages.sh" --with-dependencies "$suite" "$architecture" \
		base-files bash busybox-static coreutils dash dpkg grep hostname jq mount nodejs procps runc sed tar util-linux)
	work=$cache/.$suite-$architecture
	trap 'rm -rf "$work"' EXIT
	rm -rf "$work"
	mkdir -p "$work/npm"
	cp "$repository/package.json" "$repository/package-lock.json" "$work/npm/"
	(cd "$work/npm" && npm ci --cpu="$architecture" --os=linux --libc=glibc --ignore-scripts --no-audit --no-fund) >&2
	cp -al "$packages" "$work/host"
	mkdir -p "$work/host/opt"
	mv "$work/npm/node_modules" "$work/host/opt/"
	rm -rf "$cache/$suite-$architecture"-*
	mv "$work/host" "$host"
fi
echo "$host"
