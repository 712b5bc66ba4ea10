#!/usr/bin/env bash
# Tests the MCP server with what others have made of the protocol: the official conformance
# suite, the official inspector's command line, and the official SDK for Python. Takes about a
# minute.
#
# The npm packages of scripts/mcp/package-lock.json, with the Node that they need, and the Python
# packages of scripts/mcp/requirements.txt are set up in $PAWL_TOOLS_CACHE (400 MB; by default
# below ~/.cache) when they are not there. Arguments go to go test; -update writes down anew what
# the suite finds.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${PAWL_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pawl-tools}
export PAWL_MCP_TOOLS=$cache/mcp
if ! cmp -s scripts/mcp/package-lock.json "$PAWL_MCP_TOOLS/installed.json"; then
	rm -rf "$PAWL_MCP_TOOLS"
	mkdir -p "$PAWL_MCP_TOOLS"
	cp scripts/mcp/package.json scripts/mcp/package-lock.json scripts/mcp/.npmrc "$PAWL_MCP_TOOLS"
	(cd "$PAWL_MCP_TOOLS" && npm ci --loglevel=error && cp package-lock.json installed.json)
fi
venv=$cache/mcp-python
if ! cmp -s scripts/mcp/requirements.txt "$venv/installed.txt"; then
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/mcp/requirements.txt
	cp scripts/mcp/requirements.txt "$venv/installed.txt"
fi
export PAWL_MCP_PYTHON=$venv/bin/python

go test -count=1 -timeout 10m ./internal/mcptest "$@"
