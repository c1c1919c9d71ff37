# Sourced: apt for one suite of Debian. It checks the signatures; lists and packages are its own, so that nothing of the system changes, and
# what is installed here does not count.

# Where this machine gets its own packages from.
debian_mirror() {
	local found
	# The first one is enough: who looked further may have died of a pipe that nobody reads.
	found=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v '^#' |
		grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || true
	echo "${found:-http://deb.debian.org/debian}"
}

# prepare_apt DIRECTORY SUITE ARCHITECTURE: the directory is made anew, with a place for packages; `options` are apt's.
prepare_apt() {
	rm -rf "$1"
	mkdir -p "$1"/{lists/partial,archives/partial,packages}
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $2 main" >"$1/suite.list"
	options=(-qq -o "Dir::Etc::SourceList=$1/suite.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$1/lists"
		-o Dir::State::status=/dev/null -o "Dir::Cache=$1" -o APT::Sandbox::User=root -o Acquire::Languages=none
		-o Acquire::http::Timeout=30 -o Acquire::Retries=3 -o "APT::Architecture=$3" -o "APT::Architectures=$3")
	apt-get "${options[@]}" -o APT::Update::Error-Mode=any update >&2
}
