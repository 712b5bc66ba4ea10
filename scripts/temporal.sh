#!/usr/bin/env bash
# Tests the engine on Temporal with real servers: 1.29.1, as its command's development server,
# and a newer release in memory.
#
# Both are built from their Go modules, as scripts/temporal/*/go.mod pin them, into
# $PAWL_TOOLS_CACHE (500 MB; by default below ~/.cache) when they are not there: some minutes,
# once. `old` as the first argument leaves the newer one out, and its tests are skipped. Other
# arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${PAWL_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pawl-tools}/temporal
mkdir -p "$cache"
build() { # NAME PACKAGE
	if ! cmp -s "scripts/temporal/$1/go.sum" "$cache/$1.sum"; then
		echo "building Temporal's server, $1: some minutes, once"
		go build -C "scripts/temporal/$1" -o "$cache/$1" "$2"
		cp "scripts/temporal/$1/go.sum" "$cache/$1.sum"
	fi
}
build old github.com/temporalio/cli/cmd/temporal
export PAWL_TEMPORAL_OLD=$cache/old
if [ "${1:-}" = old ]; then
	shift
	echo "only on Temporal 1.29.1 here; make test-temporal asks a newer server, too"
else
	build newest .
	export PAWL_TEMPORAL_NEWEST=$cache/newest
fi

go test -count=1 -timeout 30m ./internal/temporaltest ./engine/temporal/... ./cli/temporal ./cmd/pawl-temporal "$@"
