#!/bin/bash
# Makes an archive of a small Debian with apt, once, and prints its path; /root of it has the package of util-linux that is installed.
#
#   root.sh SUITE
#
# It stays until its file is removed; another version of this script makes another one.
set -euo pipefail
. "$(dirname "$0")/../kernels/apt.sh"

suite=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test/roots
root=$cache/$suite-$(sha256sum "$0" | head -c 12).tar

mkdir -p "$cache"
exec 9>"$cache/.$suite.lock"
flock 9
if [ ! -e "$root" ]; then
	work=$cache/.$suite.tar
	trap 'rm -f "$work"' EXIT
	mmdebstrap --quiet --mode=root --variant=apt --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' \
		--aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--customize-hook='chroot "$1" sh -c "cd /root && apt-get -qq download util-linux"' \
		"$suite" "$work" "$(debian_mirror)" >&2
	find "$cache" -name "$suite-*.tar" -delete
	mv "$work" "$root"
fi
echo "$root"
