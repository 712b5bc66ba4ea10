#!/usr/bin/env bash
# llama.cpp's server takes a JSON Schema on /v1/messages and ignores it.
#
# Version: xllamacpp 2026.10.11549, with SmolLM2-135M-Instruct Q4_1.
# Expected: as on /v1/chat/completions, an answer that fits; or 400, as for other
# parameters that this address does not have.
# Seen: 200, stop_reason "end_turn" or "max_tokens", free text, and nothing that says that
# output_config.format was not used. The same schema as response_format of Chat
# Completions is held to.
. "$(dirname "$0")/setup.bash"
install_llamacpp
run_python <<'PY'
import json
from llamacpp import post

schema = {"type": "object", "properties": {"color": {"type": "string", "enum": ["red", "green"]}}, "required": ["color"], "additionalProperties": False}
form = {"type": "json_schema", "name": "v", "strict": True, "schema": schema}
question = "What is the color of the sky?"
chat = post("/v1/chat/completions", {"messages": [{"role": "user", "content": question}], "max_tokens": 60, "temperature": 0, "response_format": {"type": "json_schema", "json_schema": form}})
chat = chat["choices"][0]["message"]["content"]
answer = post("/v1/messages", {"messages": [{"role": "user", "content": question}], "max_tokens": 60, "temperature": 0, "output_config": {"format": {"type": "json_schema", "schema": schema}}})
text = answer["content"][-1]["text"]
print("chat:    ", repr(chat))
print("messages:", answer["stop_reason"], repr(text))
assert json.loads(chat)["color"] in ("red", "green"), "Chat Completions no longer holds to the schema"
assert answer["type"] == "message" and not text.startswith("{"), "/v1/messages now looks at the schema"
PY
