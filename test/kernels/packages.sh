#!/bin/bash
# Fetches packages of a Debian suite, once, and prints the folder that has their files, all together, and in .versions what they are.
#
#   packages.sh SUITE ARCHITECTURE PACKAGE...
#
# apt checks the signatures; lists and packages are its own, so that nothing of the system changes. What they depend on is not
# fetched. They stay until the folder is removed.
set -euo pipefail

suite=$1 architecture=$2
shift 2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test/packages
files=$cache/$suite-$architecture-$(IFS=_; echo "$*")
keys=/usr/share/keyrings/debian-archive-keyring.gpg

mkdir -p "$cache"
exec 9>"$files.lock"
flock 9
if [ ! -e "$files" ]; then
	mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' |
		grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || mirror=http://deb.debian.org/debian

	work=$files.new
	rm -rf "$work"
	trap 'rm -rf "$work"' EXIT
	mkdir -p "$work"/{lists/partial,archives/partial,packages,files}
	echo "deb [signed-by=$keys] $mirror $suite main" >"$work/suite.list"
	# What is installed here must not count.
	options=(-qq -o "Dir::Etc::SourceList=$work/suite.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$work/lists"
		-o Dir::State::status=/dev/null -o "Dir::Cache=$work" -o APT::Sandbox::User=root -o Acquire::Languages=none
		-o Acquire::http::Timeout=30 -o Acquire::Retries=3 -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture")
	apt-get "${options[@]}" update >&2
	(cd "$work/packages" && apt-get "${options[@]}" download "$@") >&2
	for package in "$work"/packages/*.deb; do
		dpkg-deb -x "$package" "$work/files"
		dpkg-deb -W "$package" >>"$work/files/.versions"
	done
	mv "$work/files" "$files"
fi
echo "$files"
