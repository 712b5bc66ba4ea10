#!/usr/bin/env bash
# npm install writes a package-lock.json that npm ci refuses, where an optional dependency is not
# to be had from the registry.
#
# Version: npm 11.19.1, and vite 8.4.0, whose optional dependency napi-windows-process-start-time
# was not in the registry.
# Expected: npm ci installs what npm install has locked, without what is optional and not there.
# Seen: npm install ends well and leaves the package out of the lock file. npm ci then ends with
# EUSAGE: "Missing: napi-windows-process-start-time@ from lock file".
. "$(dirname "$0")/setup.bash"
install_node vite@8.4.0
grep -q '"node_modules/napi-windows-process-start-time"' "$dir/package-lock.json" && { echo "the optional package is there now"; exit 1; }
said=$(cd "$dir" && npm ci --no-audit --no-fund 2>&1) && { echo "npm ci takes the lock file now"; exit 1; }
grep 'Missing: napi-windows-process-start-time@ from lock file' <<<"$said"
