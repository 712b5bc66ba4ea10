#!/usr/bin/env bash
# Builds the studio, and tests it in a browser.
#
#   scripts/studio.sh build     studio/dist from its sources, studio/src/api/schema.d.ts from docs/openapi.json
#   scripts/studio.sh test      the same, which must change nothing that is committed; then the tests in Chromium
#   scripts/studio.sh measure   figures: 2,000 steps, 100,000 runs, 100 events a second
#   scripts/studio.sh pictures  the pictures of the documentation, in docs/images
set -euo pipefail
cd "$(dirname "$0")/../studio"

need() { # PROGRAM PACKAGE...
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -q >/dev/null && apt-get install -y -q "${@:2}" >/dev/null
  fi
  command -v "$1" >/dev/null || { echo "the studio's tests need $1" >&2; exit 1; }
}

need node nodejs npm
need npm npm
if [ ! -x node_modules/.bin/vite ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
fi
npm run --silent types >/dev/null
npm run --silent build

if [ "${1:-}" = test ]; then
  changed=$(git status --porcelain -- dist src/api)
  if [ -n "$changed" ]; then
    echo "these files are not what their sources make; run make studio and commit them:" >&2
    echo "$changed" >&2
    exit 1
  fi
fi
if [ "${1:-build}" != build ]; then
  if [ -z "${CHROMIUM:-}" ]; then
    need chromium chromium
    CHROMIUM=$(command -v chromium)
    export CHROMIUM
  fi
fi
case "${1:-}" in
test) npx playwright test ;;
measure | pictures) npx playwright test -c "$1.config.ts" ;;
esac
