#!/usr/bin/env bash
# llama.cpp's server calls an answer that was cut at max_output_tokens completed.
#
# Version: xllamacpp 2026.10.11549, with SmolLM2-135M-Instruct Q4_1.
# Expected: status "incomplete" with incomplete_details.reason "max_output_tokens", as in
# OpenAI's API, and as Chat Completions of the same server says "length".
# Seen: status "completed" and no incomplete_details, for the response and its message; only
# usage.output_tokens, equal to the limit, tells.
. "$(dirname "$0")/setup.bash"
install_llamacpp
run_python <<'PY'
from llamacpp import post

question = "Tell a long story of a fox."
chat = post("/v1/chat/completions", {"messages": [{"role": "user", "content": question}], "max_tokens": 20, "temperature": 0})
answer = post("/v1/responses", {"input": question, "max_output_tokens": 20, "temperature": 0})
print("chat:     ", chat["choices"][0]["finish_reason"], chat["usage"]["completion_tokens"])
print("responses:", answer["status"], answer.get("incomplete_details"), answer["usage"]["output_tokens"], repr(answer["output"][-1]["content"][0]["text"]))
assert chat["choices"][0]["finish_reason"] == "length"
assert answer["status"] == "completed" and not answer.get("incomplete_details") and answer["usage"]["output_tokens"] == 20, "a cut answer is now called otherwise"
PY
