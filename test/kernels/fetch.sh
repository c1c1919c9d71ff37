#!/bin/bash
# Fetches the cloud kernel of a Debian suite, once, and prints the folder that has it: vmlinuz, config, version, and
# modules/lib/modules/VERSION.
#
#   fetch.sh SUITE [ARCHITECTURE]
#
# A kernel stays until its folder is removed: a newer one of the same suite is not asked for.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

suite=$1 architecture=${2:-$(dpkg --print-architecture)}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test/kernels
kernel=$cache/$suite-$architecture

mkdir -p "$cache"
exec 9>"$cache/.$suite-$architecture.lock"
flock 9
if [ ! -e "$kernel" ]; then
	work=$cache/.$suite-$architecture
	trap 'rm -rf "$work"' EXIT
	prepare_apt "$work" "$suite" "$architecture"
	mkdir "$work/kernel"

	depends() { apt-cache "${options[@]}" depends --important "$1" | sed -nE "s/^ *Depends: (linux-($2)-[^ ]*)\$/\1/p"; }
	image=$(depends "linux-image-cloud-$architecture" image)
	# Newer packages have the kernel, its modules and its configuration in some of their own.
	mapfile -t parts < <(depends "$image" 'base|binary|modules')
	(cd "$work/packages" && apt-get "${options[@]}" download "$image" "${parts[@]}") >&2
	for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$work/x"; done

	# Both are in /boot or, of late, among the modules.
	cp "$(find "$work/x" -name 'vmlinuz*' -type f | head -n 1)" "$work/kernel/vmlinuz"
	cp "$(find "$work/x" \( -name 'config-*' -o -name config \) -type f | head -n 1)" "$work/kernel/config"
	modules=$(dirname "$(find "$work/x" -path '*/lib/modules/*/kernel' -type d | head -n 1)")
	mkdir -p "$work/kernel/modules/lib/modules"
	mv "$modules" "$work/kernel/modules/lib/modules/"
	basename "$modules" >"$work/kernel/version"
	mv "$work/kernel" "$kernel"
fi
echo "$kernel"
