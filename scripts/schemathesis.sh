#!/usr/bin/env bash
# Asks a server what its OpenAPI document allows, and what it does not, and fails if an answer
# is a 5xx or is not as the document says. Takes about a minute.
#
# schemathesis makes the requests: the same ones each time. It is a Python package, with those
# of scripts/schemathesis.txt, and is set up in $PAWL_TOOLS_CACHE (100 MB; by default below
# ~/.cache) when it is not there. The streams are left out: they do not end. Arguments go to
# schemathesis.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=${PAWL_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pawl-tools}/schemathesis
if ! cmp -s scripts/schemathesis.txt "$venv/installed.txt"; then
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/schemathesis.txt
	cp scripts/schemathesis.txt "$venv/installed.txt"
fi

dir=$(mktemp -d)
server=
end() {
	[[ -z $server ]] || { kill "$server" && wait "$server"; } || true
	rm -rf "$dir"
}
trap end EXIT
go build -o "$dir/pawl" ./cmd/pawl
export PAWL_DATA=$dir/data PAWL_MODEL=offline
field() { "$venv/bin/python" -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
token=$("$dir/pawl" token add schemathesis --role operator --json | field token)
for topic in tides moons; do # something to look at
	"$dir/pawl" run article --topic "$topic" --approve --detach --quiet
done
"$dir/pawl" run article --topic ebb --quiet >/dev/null 2>&1

"$dir/pawl" serve --addr 127.0.0.1:0 --json >"$dir/said" 2>"$dir/log" &
server=$!
for ((i = 0; i < 600; i++)); do
	[[ -s $dir/said ]] && break
	kill -0 "$server" 2>/dev/null || break
	sleep 0.1
done
addr=$(head -1 "$dir/said" | field addr) || { cat "$dir/log"; exit 1; }

cd "$dir" # where it keeps what it finds
"$venv/bin/st" run "$OLDPWD/docs/openapi.json" --url "http://$addr" --header "Authorization: Bearer $token" \
	--exclude-operation-id stream-run --exclude-operation-id stream-runs \
	--phases examples,coverage,fuzzing --max-examples 10 --generation-deterministic --no-shrink --continue-on-failure \
	--checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
	--request-timeout 60 --warnings off --no-color "$@"
curl -sf "http://$addr/readyz" >/dev/null || { echo "the server does not answer any more"; cat "$dir/log"; exit 1; }
if grep -e 'a request met a defect' -e 'a request failed' "$dir/log"; then
	exit 1
fi
