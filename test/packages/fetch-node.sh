#!/bin/bash
# Fetches Node of a major version, or the latest, from npm's registry, once, and prints the executable. It stays until its folder is removed.
#
#   fetch-node.sh VERSION
set -euo pipefail

version=$1
case $(uname -m) in x86_64) cpu=x64 ;; aarch64) cpu=arm64 ;; *) cpu=$(uname -m) ;; esac
# Which one that is by now; without the registry, the one that was fetched as it.
[ "$version" != latest ] || version=$(npm view --silent "node-linux-$cpu" dist-tags.latest 2>/dev/null || echo latest)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test/node
node=$cache/$version-$cpu

mkdir -p "$cache"
exec 9>"$cache/.$version.lock"
flock 9
if [ ! -e "$node" ]; then
	work=$node.new
	trap 'rm -rf "$work"' EXIT
	rm -rf "$work"
	mkdir "$work"
	cd "$work"
	npm pack --silent --ignore-scripts "node-linux-$cpu@$version" >/dev/null
	tar -xf ./*.tgz package/bin/node
	rm ./*.tgz
	mv "$work" "$node"
fi
echo "$node/package/bin/node"
