# What the cases of systemd.test.ts are written with, in a guest that runs systemd.

# What hangs is a failure of its own (124), not of all that come behind it.
enter() { timeout 60 tsenter "$@"; }
entered() { enter --explain=json "$@" true | sed -nE 's/^ {4}"pid": ([0-9]+),$/\1/p' | head -n 1; }
# Of all services at once, for each question takes a second: UNIT PID
mains() {
	systemctl show --property Id --property MainPID -- '*.service' |
		awk -F= '$1 == "MainPID" { pid = $2 } $1 == "Id" { unit = $2 } $1 == "" { print unit, pid } END { print unit, pid }'
}
main() {
	local unit pid
	while read -r unit pid; do [ "$unit" != "$1.service" ] || echo "$pid"; done </run/mains
}
namespaces() { readlink "/proc/$1"/ns/{user,mnt,net,pid,ipc,uts,cgroup}; }

# A unit with these properties as the caller, without a terminal: PROPERTY=VALUE... -- COMMAND
unit() {
	local properties=()
	while [ "$1" != -- ]; do properties+=(-p "$1"); shift; done
	shift
	timeout 90 systemd-run --quiet --pipe --wait --collect --service-type=exec "${properties[@]}" "$@"
}

as_joe() { setpriv --reuid joe --regid joe --init-groups env -i "PATH=$PATH" HOME=/home/joe XDG_RUNTIME_DIR=/run/user/1000 "$@"; }

to_here() { timeout 90 ssh -q root@127.0.0.1 "$@"; }

# Waits until it is so: COMMAND
until_so() {
	local tries
	for tries in {1..300}; do "$@" && return; sleep 0.1; done
	echo "never: $*"
	return 1
}
runs() { pgrep --full --exact -- "$1" >/dev/null; }
runs_not() { ! runs "$1"; }

# Opens a session that a command runs in, and cuts the connection: WHAT RUNS THERE, SSH'S WORDS
cut_while() {
	local program=$1 client input
	shift
	mkfifo /tmp/input
	sleep 1000 >/tmp/input & input=$!
	ssh -q "$@" </tmp/input & client=$!
	until_so runs "$program" && kill -KILL "$client" && until_so runs_not "$program" && echo "nothing is left"
	kill "$input"
	wait "$client" "$input" 2>/dev/null
	rm /tmp/input
}

# Of a machine, and of another one that is found among the processes: NAME COMMAND
until_machine() { until_so eval "machinectl show $1 >/dev/null 2>&1"; }
