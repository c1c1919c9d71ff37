#!/bin/bash
# One real container, a sleep, under each of twelve engines: no image registry, no systemd and no network needed.
#
#   engines.sh have ENGINE     status 0 if its programs are installed, else print the ones that are missing
#   engines.sh up ENGINE       start the container; returns when its sleep runs
#   engines.sh pid ENGINE      print the process id of that sleep as the host sees it
#   engines.sh name ENGINE     print what the engine calls the container
#   engines.sh attach ENGINE OPTION...
#                              print the words of the engine's own way in (docker exec, lxc-attach), one a line
#   engines.sh told ENGINE     print the process id that the engine's own client tells now
#   engines.sh client ENGINE WORD...
#                              run the engine's client
#   engines.sh down ENGINE     remove all of it; fails if a process, mount or cgroup is left
#
# ENGINE: runc crun podman rootless containerd pod docker remap lxc nspawn bwrap unshare
# LAB in the environment is a directory of this run's own. Every name is derived from it, so that runs in
# parallel do not meet. It is short (a socket's path has at most 107 bytes) and not under a nosuid or noexec mount.
# Every container has the host name in-ENGINE, the variable ENGINE_MARK=in-ENGINE and the directory /home/app.
set -eu
ACTION=${1:-} ENGINE=${2:-}
: "${LAB:?LAB must name the directory of this run}"
LAB=$(readlink -m "$LAB")
TAG=ts$(printf %s "$LAB" | sha1sum | cut -c1-10)
NAME=$TAG-$ENGINE
E=$LAB/$ENGINE
ROOTFS=$LAB/rootfs
MARK=in-$ENGINE
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# A run that was killed leaves nothing for longer than this: the containers and daemons end by themselves.
LIFE=1800
# The engines get no variable of ours: CI machines set some that change what they do (DOCKER_HOST, XDG_RUNTIME_DIR).
CLEAN=(env -i "PATH=$PATH" HOME=/root)

die() { echo "engines.sh: $*" >&2; exit 1; }
need() { local c missing=0; for c; do command -v "$c" >/dev/null || { echo "$c"; missing=1; }; done; return $missing; }

# until_true SECONDS COMMAND...: wait for a condition that nothing announces.
until_true() {
	local n=$(($1 * 20)); shift
	until "$@" 2>/dev/null; do ((n-- > 0)) || return 1; sleep .05; done
}
children() { cat /proc/[0-9]*/stat 2>/dev/null | sed -n "s/^\([0-9]*\) (.*) [^ ] $1 .*/\1/p"; }
start_time() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# A process is remembered with its start time, so that a later process with the same id is never taken for it.
remember() { echo "$2 $(start_time "$2")" >"$E/$1"; }
recall() { cut -d' ' -f1 "$E/$1"; }
gone() {
	local pid start; read -r pid start <"$E/$1" || return 0
	[ "$(start_time "$pid")" != "$start" ] || grep -q '^State:.*Z' "/proc/$pid/status"
}
# stop FILE [SIGNAL]: end a remembered process and wait for its end.
stop() {
	[ -f "$E/$1" ] || return 0
	gone "$1" || kill -s "${2:-TERM}" "$(recall "$1")"
	until_true 30 gone "$1" || { kill -s KILL "$(recall "$1")"; until_true 10 gone "$1"; }
}
# background FILE COMMAND...: start it detached, with its output in FILE.log.
background() {
	local file=$1; shift
	setsid "$@" </dev/null >"$E/$file.log" 2>&1 &
	remember "$file" $!
}
daemon() { local file=$1; shift; background "$file" "${CLEAN[@]}" timeout -k 30 "$LIFE" "$@"; }

overlay() { case $(stat -f -c %T "$LAB") in overlayfs | tmpfs | ramfs) return 1 ;; esac; }
# crun 1.8 refuses hybrid cgroups (v1 with a v2 mount beside it): hide the v2 part from it.
v1_only() { unshare -m sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"' v1_only "$@"; }

make_rootfs() {
	local r=$ROOTFS.new a
	mkdir -p "$r"/{bin,sbin,usr/bin,usr/sbin,etc,proc,sys,dev,tmp,root,run,mnt,var/run,home/app}
	chmod 1777 "$r/tmp"; chown 1000:1000 "$r/home/app"
	cp "$(command -v busybox)" "$r/bin/busybox"
	for a in $("$r/bin/busybox" --list); do [ "$a" = busybox ] || ln -sf busybox "$r/bin/$a"; done
	chroot "$r" /bin/true 2>/dev/null || die 'this busybox is not static: install busybox-static'
	printf '%s\n' root:x:0:0:root:/root:/bin/sh app:x:1000:1000:app:/home/app:/bin/sh \
		nobody:x:65534:65534:nobody:/:/bin/false >"$r/etc/passwd"
	printf '%s\n' root:x:0: app:x:1000: extra:x:2000:app nogroup:x:65534: >"$r/etc/group"
	echo inside >"$r/etc/hostname"; printf 'NAME=bb\nID=bb\n' >"$r/etc/os-release"
	: >"$r/etc/resolv.conf"; echo 127.0.0.1 localhost >"$r/etc/hosts"; : >"$r/etc/machine-id"
	# What a pod's sandbox runs: it waits, and is called so. Of images only: not everybody can copy a FIFO.
	printf '#!/bin/sh\nread -r _ <>/var/wait\n' >"$r/bin/pause"; chmod +x "$r/bin/pause"
	mkfifo "$r/var/wait"; tar -C "$r" -cf "$LAB/rootfs.tar" .; rm "$r/var/wait"
	mv "$r" "$ROOTFS"
}
# The engines may come up side by side: one makes the root file system, the others wait for it.
prepare() { mkdir -p "$E"; (flock 9; [ -d "$ROOTFS" ] || make_rootfs) 9>"$LAB/lock"; }

# make_image [PROGRAM]: a docker-archive image by hand: one layer, its configuration, a manifest.
make_image() {
	local arch sum program=${1:-/bin/sh}; sum=$(sha256sum "$LAB/rootfs.tar" | cut -d' ' -f1)
	case $(uname -m) in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) arch=$(uname -m) ;; esac
	mkdir -p "$E/image"; ln -f "$LAB/rootfs.tar" "$E/image/layer.tar"
	jq -n --arg arch "$arch" --arg sum "sha256:$sum" --arg program "$program" '{architecture: $arch, os: "linux", config: {Cmd: [$program],
		Env: ["PATH=/bin:/sbin"]}, rootfs: {type: "layers", diff_ids: [$sum]}}' >"$E/image/config.json"
	jq -n '[{Config: "config.json", RepoTags: ["localhost/lab/bb:1"], Layers: ["layer.tar"]}]' >"$E/image/manifest.json"
	tar -C "$E/image" -cf "$E/image.tar" manifest.json config.json layer.tar
}

# The bundle of a plain OCI runtime. `runc spec` asks for a terminal and for limits that need CAP_SYS_RESOURCE.
bundle() {
	mkdir -p "$E/bundle"; rm -f "$E/bundle/config.json"; runc spec -b "$E/bundle"
	jq --arg root "$ROOTFS" --arg mark "$MARK" --arg life "$LIFE" --arg group "/$NAME" '
		.process.terminal = false | .process.args = ["/bin/sleep", $life] | .process.rlimits = []
		| .process.cwd = "/home/app" | .process.env = ["PATH=/bin:/sbin", "ENGINE_MARK=" + $mark]
		| .hostname = $mark | .root = {path: $root, readonly: false} | .linux.cgroupsPath = $group
		| .linux.namespaces |= (map(select(.type != "cgroup")) + [{type: "cgroup"}])
	' "$E/bundle/config.json" >"$E/config.json"
	mv "$E/config.json" "$E/bundle/config.json"
}

have_runc() { need runc jq busybox; }
up_runc() { bundle; runc run -d -b "$E/bundle" "$NAME" </dev/null >"$E/runc.log" 2>&1; }
attach_runc() { printf '%s\n' runc exec "$@" "$NAME"; }
pid_runc() { jq .init_process_pid "/run/runc/$NAME/state.json"; }
told_runc() { runc state "$NAME" | jq .pid; }
down_runc() { runc delete -f "$NAME"; }

have_crun() { need crun runc jq busybox; }
up_crun() { bundle; v1_only crun run -d -b "$E/bundle" "$NAME" </dev/null >"$E/crun.log" 2>&1; }
pid_crun() { jq .pid "/run/crun/$NAME/status"; }
attach_crun() {
	printf '%s\n' unshare -m sh -c 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"' v1_only crun exec "$@" "$NAME"
}
told_crun() { v1_only crun state "$NAME" | jq .pid; }
down_crun() { v1_only crun delete -f "$NAME"; }

# podman 4.3 asks for limits that root without CAP_SYS_RESOURCE may not raise: name lower ones. Its locks are files
# in our directory because a new podman root frees every lock in the machine's shared memory.
podman_() {
	"${CLEAN[@]}" CONTAINERS_CONF="$E/containers.conf" CONTAINERS_STORAGE_CONF="$E/storage.conf" podman --tmpdir "$E/tmp" "$@"
}
have_podman() { need podman conmon runc jq busybox; }
up_podman() {
	local driver=overlay; overlay || driver=vfs
	printf '%s\n' '[containers]' 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]' '[engine]' \
		'runtime = "runc"' 'cgroup_manager = "cgroupfs"' 'events_logger = "file"' 'lock_type = "file"' >"$E/containers.conf"
	printf '%s\n' '[storage]' "driver = \"$driver\"" "graphroot = \"$E/root\"" "runroot = \"$E/run\"" >"$E/storage.conf"
	podman_ import -q "$LAB/rootfs.tar" lab/bb:1
	podman_ run -d --name "$NAME" --network none --cgroup-parent "/$NAME" --hostname "$MARK" -w /home/app \
		-e "ENGINE_MARK=$MARK" lab/bb:1 /bin/sleep "$LIFE"
}
attach_podman() {
	printf '%s\n' "${CLEAN[@]}" CONTAINERS_CONF="$E/containers.conf" CONTAINERS_STORAGE_CONF="$E/storage.conf" podman --tmpdir "$E/tmp" \
		exec "$@" "$NAME"
}
pid_podman() {
	local id; id=$(jq -r ".[] | select(.names[0] == \"$NAME\").id" "$E"/root/*-containers/containers.json)
	cat "$E"/run/*-containers/"$id"/userdata/pidfile
}
told_podman() { podman_ inspect -f '{{.State.Pid}}' "$NAME"; }
client_podman() { podman_ "$@"; }
down_podman() { podman_ rm -f -t 0 "$NAME" >/dev/null; }

# An ordinary user of the test's own, with ranges of ids, whose number no other run has.
user() {
	getent passwd "$NAME" >/dev/null || useradd -M -U -d "$E/home" -s /bin/sh -u $((50000 + 0x$(printf %s "$NAME" | sha1sum | cut -c1-6) % 9000)) "$NAME"
	id -u "$NAME"
}
# By force: a process of another test may have an id of the ranges.
no_user() { ! getent passwd "$NAME" >/dev/null || userdel -f "$NAME"; }

# podman of an ordinary user, who may set up no cgroups: runc goes on without them only where they are of version 1, crun where it is told.
# The user's directories are where they are below the root of a system, which is $E/host.
rootless_() {
	local uid; uid=$(user)
	(cd / && setpriv --reuid "$uid" --regid "$uid" --clear-groups "${CLEAN[@]}" HOME="$E/host/home/$NAME" \
		XDG_RUNTIME_DIR="$E/host/run/user/$uid" podman "$@")
}
have_rootless() { need podman conmon runc crun newuidmap useradd setpriv jq busybox; }
up_rootless() {
	local runtime=runc cgroups=() uid home run; uid=$(user)
	home=$E/host/home/$NAME run=$E/host/run/user/$uid
	if [ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ]; then runtime=crun cgroups=(--cgroups=disabled); fi
	mkdir -p "$home/.config/containers" "$run" "$E/host/etc"; chmod 755 "$LAB" "$E"; chmod 700 "$run"
	echo "$NAME:x:$uid:$uid::/home/$NAME:/bin/sh" >"$E/host/etc/passwd"
	printf '%s\n' '[containers]' 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]' '[engine]' \
		"runtime = \"$runtime\"" 'cgroup_manager = "cgroupfs"' 'events_logger = "file"' 'lock_type = "file"' \
		>"$home/.config/containers/containers.conf"
	printf '%s\n' '[storage]' 'driver = "vfs"' >"$home/.config/containers/storage.conf"
	chown -R "$uid:$uid" "$home" "$run"
	rootless_ import -q - lab/bb:1 <"$LAB/rootfs.tar"
	rootless_ run -d --name "$NAME" --network none "${cgroups[@]}" --hostname "$MARK" -w /home/app \
		-e "ENGINE_MARK=$MARK" lab/bb:1 /bin/sleep "$LIFE"
}
pid_rootless() { rootless_ inspect -f '{{.State.Pid}}' "$NAME"; }
attach_rootless() {
	local uid; uid=$(user)
	printf '%s\n' setpriv --reuid "$uid" --regid "$uid" --clear-groups "${CLEAN[@]}" HOME="$E/host/home/$NAME" \
		XDG_RUNTIME_DIR="$E/host/run/user/$uid" podman exec "$@" "$NAME"
}
told_rootless() { pid_rootless; }
client_rootless() { rootless_ "$@"; }
# What holds podman's user namespace ends with the last command.
down_rootless() {
	rootless_ rm -f -t 0 "$NAME" >/dev/null
	rootless_ system migrate
	until_true 10 idle_user; no_user
}
idle_user() { ! grep -lqs "^Uid:.$(id -u "$NAME")" /proc/[0-9]*/status; }

# containerd, for ctr and for docker. Its runc state goes to /run/containerd/runc/NAMESPACE.
start_containerd() {
	printf '%s\n' 'version = 2' "root = \"$E/cd/root\"" "state = \"$E/cd/state\"" \
		'disabled_plugins = ["io.containerd.grpc.v1.cri"]' '[grpc]' "  address = \"$E/cd.sock\"" \
		'[ttrpc]' "  address = \"$E/cd.sock.ttrpc\"" >"$E/cd.toml"
	daemon containerd containerd -c "$E/cd.toml"
	until_true 60 ctr_ version >/dev/null || die "containerd does not answer: $(tail -5 "$E/containerd.log")"
}
ctr_() { "${CLEAN[@]}" ctr -a "$E/cd.sock" -n "$TAG" "$@"; }
have_containerd() { need containerd ctr runc jq busybox; }
up_containerd() {
	local snapshotter=overlayfs; overlay || snapshotter=native
	make_image; start_containerd
	ctr_ image import --snapshotter "$snapshotter" "$E/image.tar"
	ctr_ run -d --snapshotter "$snapshotter" --cgroup "/$NAME" --cwd /home/app --env "ENGINE_MARK=$MARK" \
		localhost/lab/bb:1 "$NAME" /bin/sleep "$LIFE"
	# ctr 1.6 cannot set the host name of a container.
	nsenter -t "$(pid_containerd)" -u hostname "$MARK"
}
pid_containerd() { cat "$E/cd/state/io.containerd.runtime.v2.task/$TAG/$NAME/init.pid"; }
client_containerd() { ctr_ "$@"; }
told_containerd() { ctr_ task ls | awk -v name="$NAME" '$1 == name { print $2 }'; }
down_containerd() {
	if [ -e "$E/pid" ]; then
		ctr_ task kill -s KILL "$NAME"; until_true 10 gone pid
		until_true 10 ctr_ task rm "$NAME"; ctr_ container rm "$NAME"
	fi
	stop containerd
	rm -rf "/run/containerd/runc/$TAG"
}

# A pod through the CRI plugin of containerd, asked as kubelet asks it. Its network is one without anything in it: what stands
# for the plugins says no more than that there is an address.
cri() { "${NODE:-node}" "${BASH_SOURCE[0]%/*}/cri.mjs" "$E/cd.sock" "$@"; }
have_pod() { need containerd ctr runc jq busybox "${NODE:-node}"; }
start_cri() {
	local snapshotter=overlayfs plugin; overlay || snapshotter=native
	mkdir -p "$E/cni"
	for plugin in loopback nothing; do
		printf '%s\n' '#!/bin/sh' 'cat >/dev/null; cat <<END' '{"cniVersion": "0.4.0", "interfaces": [{"name": "$CNI_IFNAME",' \
			'"sandbox": "$CNI_NETNS"}], "ips": [{"version": "4", "interface": 0, "address": "10.0.0.2/32"}]}' END >"$E/cni/$plugin"
		chmod +x "$E/cni/$plugin"
	done
	echo '{"cniVersion": "0.4.0", "name": "nothing", "plugins": [{"type": "nothing"}]}' >"$E/cni/nothing.conflist"
	printf '%s\n' 'version = 2' "root = \"$E/cd/root\"" "state = \"$E/cd/state\"" '[grpc]' "  address = \"$E/cd.sock\"" \
		'[ttrpc]' "  address = \"$E/cd.sock.ttrpc\"" '[plugins."io.containerd.grpc.v1.cri"]' \
		'  sandbox_image = "localhost/lab/bb:1"' '  restrict_oom_score_adj = true' '  disable_apparmor = true' \
		'  netns_mounts_under_state_dir = true' '[plugins."io.containerd.grpc.v1.cri".containerd]' \
		"  snapshotter = \"$snapshotter\"" '[plugins."io.containerd.grpc.v1.cri".cni]' "  bin_dir = \"$E/cni\"" \
		"  conf_dir = \"$E/cni\"" >"$E/cd.toml"
	daemon containerd containerd -c "$E/cd.toml"
	until_true 60 cri version || die "containerd does not answer: $(tail -5 "$E/containerd.log")"
	make_image /bin/pause
	TAG=k8s.io ctr_ image import --snapshotter "$snapshotter" "$E/image.tar"
	until_true 10 cri image localhost/lab/bb:1
}
pod_spec() {
	jq -cn --arg name "$NAME" --arg mark "$MARK" --arg life "$LIFE" --arg tag "$TAG" '{namespace: $tag, name: $name,
		hostname: $mark, cgroup: "/\($name)/kubepods/besteffort/pod1", image: "localhost/lab/bb:1",
		env: {ENGINE_MARK: $mark, PATH: "/bin:/sbin"}, containers: {app: ["/bin/sleep", $life]}}'
}
up_pod() { start_cri; cri pod "$(pod_spec)"; }
pid_pod() { cri list | jq '.[] | select(.name == "app").pid'; }
told_pod() { pid_pod; }
client_pod() { if [ "$1" = spec ]; then pod_spec; else cri "$@"; fi; }
down_pod() {
	cri remove
	stop containerd
	# What CNI remembers is in one place, whoever asks it.
	rmdir /run/containerd/runc/k8s.io /var/lib/cni/results /var/lib/cni 2>/dev/null || :
}

docker_() { "${CLEAN[@]}" DOCKER_CONFIG="$E/client" docker -H "unix://$E/d.sock" "$@"; }
have_docker() { need dockerd containerd ctr docker runc jq busybox; }
DOCKERD_OPTIONS=()
up_docker() {
	local driver=overlay2; overlay || driver=vfs
	start_containerd
	daemon dockerd dockerd --data-root "$E/root" --exec-root "$E/exec" -p "$E/dockerd.pid" -H "unix://$E/d.sock" \
		--containerd "$E/cd.sock" --bridge=none --iptables=false --ip6tables=false --storage-driver="$driver" \
		--exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$NAME" "${DOCKERD_OPTIONS[@]}"
	until_true 60 docker_ version >/dev/null || die "dockerd does not answer: $(tail -5 "$E/dockerd.log")"
	docker_ import "$LAB/rootfs.tar" lab/bb:1
	docker_ run -d --name "$NAME" --network none --hostname "$MARK" -w /home/app -e "ENGINE_MARK=$MARK" \
		lab/bb:1 /bin/sleep "$LIFE"
}
attach_docker() { printf '%s\n' env "DOCKER_CONFIG=$E/client" docker -H "unix://$E/d.sock" exec "$@" "$NAME"; }
pid_docker() { docker_ inspect -f '{{.State.Pid}}' "$NAME"; }
told_docker() { pid_docker; }
client_docker() { docker_ "$@"; }
down_docker() {
	[ ! -e "$E/pid" ] || docker_ rm -f "$NAME" >/dev/null
	stop dockerd; stop containerd
	rmdir /run/containerd/runc/moby 2>/dev/null || :
}

# docker whose containers have a user namespace, with the ids of a user of the test's own.
have_remap() { have_docker && need useradd; }
up_remap() {
	user; chmod 711 "$LAB" "$E"
	DOCKERD_OPTIONS=(--userns-remap="$NAME")
	up_docker
}
attach_remap() { attach_docker "$@"; }
pid_remap() { pid_docker; }
told_remap() { pid_docker; }
down_remap() { down_docker; no_user; }

have_lxc() { need lxc-start lxc-info lxc-stop busybox; }
up_lxc() {
	mkdir -p "$E/c/$NAME"
	printf '%s\n' "lxc.rootfs.path = dir:$ROOTFS" "lxc.uts.name = $MARK" 'lxc.net.0.type = empty' \
		'lxc.mount.auto = proc sys' "lxc.init.cmd = /bin/sleep $LIFE" 'lxc.init.cwd = /home/app' 'lxc.tty.max = 0' \
		"lxc.environment = ENGINE_MARK=$MARK" "lxc.cgroup.dir.container = lxc.payload.$NAME" \
		"lxc.cgroup.dir.monitor = lxc.monitor.$NAME" "lxc.cgroup.dir.monitor.pivot = lxc.pivot.$NAME" >"$E/c/$NAME/config"
	"${CLEAN[@]}" lxc-start -P "$E/c" -n "$NAME" -o "$E/lxc.log"
}
attach_lxc() { printf '%s\n' lxc-attach -P "$E/c" -n "$NAME" "$@" --; }
pid_lxc() { lxc-info -P "$E/c" -n "$NAME" -p -H; }
told_lxc() { pid_lxc; }
down_lxc() {
	lxc-stop -P "$E/c" -n "$NAME" -k; lxc-wait -P "$E/c" -n "$NAME" -s STOPPED -t 30
	rm -rf "/run/lxc/lock$E"; rmdir "/run/lxc/lock$LAB" || :
}

# It locks and changes the directory it is given, so it has a copy of its own. With --keep-unit it makes the groups
# "supervisor" and "payload" below the cgroup it is started in, so it gets one of its own as well.
have_nspawn() { need systemd-nspawn busybox; }
up_nspawn() {
	cp -a "$ROOTFS" "$E/root"
	# shellcheck disable=SC2016 # for the inner shell
	background nspawn "${CLEAN[@]}" sh -c 'for d in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
			[ ! -e "$d/cgroup.procs" ] || { mkdir "$d/$0" && echo $$ >"$d/$0/cgroup.procs"; }
		done; exec "$@"' "$NAME" systemd-nspawn -q -D "$E/root" -M "$NAME" --register=no --keep-unit \
		--private-network --resolv-conf=off --timezone=off --link-journal=no --hostname="$MARK" --chdir=/home/app \
		--setenv=ENGINE_MARK="$MARK" /bin/sleep "$LIFE"
}
pid_nspawn() { children "$(recall nspawn)" | head -1; }
told_nspawn() { pid_nspawn; }
down_nspawn() { stop nspawn; }

# The pid it reports is its own init, whose only child is the sleep.
have_bwrap() { need bwrap jq busybox; }
up_bwrap() {
	background bwrap "${CLEAN[@]}" ENGINE_MARK="$MARK" bwrap --bind "$ROOTFS" / --proc /proc --dev /dev --unshare-all \
		--hostname "$MARK" --chdir /home/app --info-fd 9 /bin/sleep "$LIFE" 9>"$E/info.json"
}
pid_bwrap() { children "$(jq '."child-pid"' "$E/info.json")"; }
down_bwrap() { stop pid KILL; stop bwrap; }

# All eight namespaces, the time namespace with offsets. A pivot_root because a chroot would not be a root of the
# mount namespace: whoever enters that would see the host's tree.
have_unshare() { need unshare busybox; }
up_unshare() {
	# shellcheck disable=SC2016 # for the inner shell
	background unshare "${CLEAN[@]}" ENGINE_MARK="$MARK" unshare -r -p -f -m -n -u -i -C -T --boottime 864000 \
		--monotonic 864000 --kill-child "$ROOTFS/bin/busybox" sh -c 'set -e; PATH=/bin
		B="$1/bin/busybox"; $B mount -o bind "$1" "$1"; cd "$1"; $B mount -t proc proc proc; $B hostname "$2"
		$B pivot_root . mnt; cd /home/app; umount -l /mnt; exec /bin/sleep "$3"' sh "$ROOTFS" "$MARK" "$LIFE"
}
pid_unshare() { children "$(recall unshare)"; }
down_unshare() { stop pid KILL; stop unshare; }

# It is up when its process is the sleep: before that it is still the engine's own program.
ready() {
	local pid; pid=$("pid_$ENGINE") && [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm")" = sleep ] && remember pid "$pid"
}

cgroups() { find /sys/fs/cgroup -depth -type d -name "*$NAME*" 2>/dev/null; }
cgroups_gone() { local d; cgroups | while read -r d; do find "$d" -depth -type d -exec rmdir {} +; done; [ -z "$(cgroups)" ]; }
mounts() { grep -o " $E/[^ ]*" /proc/self/mountinfo | sort -ru; }
mounts_gone() { local m; mounts | while read -r m; do umount "$m" || umount -l "$m"; done; [ -z "$(mounts)" ]; }
# Whoever names our directory or our container. The patterns come from a pipe, so that grep does not find itself.
processes() { printf '%s\n' "$E/" "$NAME" | grep -lsaFf - /proc/[0-9]*/cmdline | cut -d/ -f3; }
processes_gone() { [ -z "$(processes)" ]; }

up() {
	prepare
	"up_$ENGINE" >>"$E/up.log" 2>&1 && until_true 30 ready && return
	tail -n 5 "$E"/*.log >&2
	down
	die "$ENGINE did not start its container"
}
down() {
	[ -d "$E" ] || return 0
	local bad=0
	"down_$ENGINE" >>"$E/down.log" 2>&1 || { bad=1; cat "$E/down.log" >&2; }
	[ ! -e "$E/pid" ] || until_true 10 gone pid || { bad=1; echo "still running: $(recall pid)" >&2; }
	until_true 10 processes_gone || { bad=1; echo "processes left:" $(processes) >&2; }
	until_true 10 mounts_gone || { bad=1; echo "mounts left:" $(mounts) >&2; }
	until_true 10 cgroups_gone || { bad=1; echo "cgroups left:" $(cgroups) >&2; }
	[ $bad = 0 ] && rm -rf --one-file-system "$E"
}

case "$ACTION $ENGINE" in
*\ runc | *\ crun | *\ podman | *\ rootless | *\ containerd | *\ pod | *\ docker | *\ remap | *\ lxc | *\ nspawn | *\ bwrap | *\ unshare) ;;
*) sed -n '2,17s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
case $ACTION in
have) "have_$ENGINE" ;;
up | down) "$ACTION" ;;
pid) recall pid ;;
name) if [ "$ENGINE" = pod ]; then echo "$TAG/$NAME/app"; else echo "$NAME"; fi ;;
told) "told_$ENGINE" ;;
client) shift 2; "client_$ENGINE" "$@" ;;
attach) shift 2; "attach_$ENGINE" "$@" ;;
*) die "no action $ACTION" ;;
esac
