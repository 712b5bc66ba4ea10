"""Serves a model over llama.cpp, on this machine alone: llamacpp.py MODEL.gguf PORT."""

import sys
import threading

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel = 4096, 2  # two calls at once, 2,048 tokens each
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1  # several stall one another on a busy machine
params.hostnames, params.port = ["127.0.0.1"], int(sys.argv[2])
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
threading.Event().wait()
