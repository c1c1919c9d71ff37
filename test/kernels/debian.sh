#!/bin/bash
# Makes a disk with a small Debian with systemd, once, and prints its path: an ext4 file system without a partition table.
#
#   debian.sh SUITE
#
# It has sshd, machined, and two who may log in as themselves: root, with a key of its own for 127.0.0.1, and joe, user 1000,
# whose manager is started at boot. A disk stays until its file is removed; another version of this script makes another one.
set -euo pipefail
. "$(dirname "$0")/apt.sh"

suite=$1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tsenter-test/debian
disk=$cache/$suite-$(sha256sum "$0" | head -c 12).ext4
packages=systemd,systemd-sysv,systemd-container,dbus,libpam-systemd,openssh-server,openssh-client,procps,busybox-static

mkdir -p "$cache"
exec 9>"$cache/.$suite.lock"
flock 9
if [ ! -e "$disk" ]; then
	work=$cache/.$suite
	trap 'rm -rf "$work"' EXIT
	rm -rf "$work"
	mkdir "$work"
	# What is run inside of it is run by the host's kernel, in a chroot: nothing of it is started.
	mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" \
		--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' --aptopt='Acquire::Languages "none"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		--customize-hook='chroot "$1" useradd --create-home --shell /bin/bash --uid 1000 joe' \
		--customize-hook='mkdir -p "$1/var/lib/systemd/linger" && touch "$1/var/lib/systemd/linger/joe"' \
		--customize-hook='mkdir -m 700 -p "$1/root/.ssh" && ssh-keygen -q -t ed25519 -N "" -C root -f "$1/root/.ssh/id_ed25519"' \
		--customize-hook='cp "$1/root/.ssh/id_ed25519.pub" "$1/root/.ssh/authorized_keys"' \
		--customize-hook='echo "127.0.0.1 $(cat "$1/etc/ssh/ssh_host_ed25519_key.pub")" >"$1/root/.ssh/known_hosts"' \
		--customize-hook='for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service serial-getty@ttyS0.service getty@tty1.service getty-static.service systemd-modules-load.service proc-sys-fs-binfmt_misc.automount; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done' \
		--customize-hook='echo guest >"$1/etc/hostname"; rm -f "$1/etc/resolv.conf"' \
		"$suite" "$work/root" "$(debian_mirror)" >&2
	mke2fs -q -t ext4 -O ^has_journal -E root_owner=0:0 -d "$work/root" "$work/disk" 700M >&2
	find "$cache" -name "$suite-*.ext4" -delete
	mv "$work/disk" "$disk"
fi
echo "$disk"
