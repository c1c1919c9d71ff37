#!/bin/bash
# Builds the nsenter of the newest util-linux that Debian has a source package of, and prints its path. It is built once for
# each version. apt checks the signatures; the lists and the package are its own, so that nothing of the system changes.
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' |
	grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || mirror=http://deb.debian.org/debian

apt=$cache/apt
mkdir -p "$apt"/{lists/partial,archives/partial,sources}
echo "deb-src [signed-by=$keys] $mirror sid main" >"$apt/sid.list"
options=(-qq -o "Dir::Etc::SourceList=$apt/sid.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$apt/lists"
	-o "Dir::Cache=$apt" -o APT::Sandbox::User=root -o Acquire::Languages=none -o Acquire::http::Timeout=30)
apt-get "${options[@]}" update >&2

# The newest record's original sources: "Checksums-Sha256:" has " HASH SIZE NAME" lines, "Directory:" where they are.
read -r hash name directory < <(apt-cache "${options[@]}" showsrc util-linux | awk '
	/^Directory: / { directory = $2 }
	/^Checksums-Sha256:/ { inside = 1; next }
	/^[^ ]/ { inside = 0 }
	inside && $3 ~ /\.orig\.tar\.[a-z0-9]+$/ { hash = $1; name = $3 }
	/^$/ && name { print name, hash, directory; name = "" }
	END { if (name) print name, hash, directory }' | sort -V | tail -n 1 | awk '{ print $2, $1, $3 }')

version=${name#*_}
built=$cache/nsenter-${version%.orig.*}/nsenter
if [ ! -x "$built" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	cd "$work"
	/usr/lib/apt/apt-helper "${options[@]}" download-file "$mirror/$directory/$name" "$name" "SHA256:$hash" >&2
	mkdir source
	tar -xf "$name" -C source --strip-components=1
	cd source
	./configure --quiet --disable-all-programs --enable-nsenter --disable-nls --without-python --disable-asciidoc \
		--disable-poman >&2
	make -s -j"$(nproc)" nsenter >&2
	mkdir -p "${built%/*}"
	cp nsenter "$built.$$"
	mv "$built.$$" "$built"
fi
echo "$built"
