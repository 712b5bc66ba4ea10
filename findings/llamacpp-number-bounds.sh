#!/usr/bin/env bash
# llama.cpp's server holds to minimum and maximum of an integer, and drops them of a number.
#
# Version: xllamacpp 2026.10.11549, with SmolLM2-135M-Instruct Q4_1.
# Expected: either both are enforced, or the schema is refused: with "strict": true, and as
# the server answers 400 to other keywords that it cannot make a grammar of.
# Seen: of the integer 5000 with maximum 10 becomes a number up to 10; 750.5 with "number"
# and maximum 1 passes.
. "$(dirname "$0")/setup.bash"
install_llamacpp
run_python <<'PY'
import json
from llamacpp import post


def ask(kind, maximum, tempting):
    schema = {"type": "object", "properties": {"v": {"type": kind, "minimum": 0, "maximum": maximum}}, "required": ["v"], "additionalProperties": False}
    answer = post("/v1/chat/completions", {
        "messages": [{"role": "user", "content": 'Repeat exactly this JSON and nothing else: {"v": %s}' % tempting}], "max_tokens": 60, "temperature": 0,
        "response_format": {"type": "json_schema", "json_schema": {"name": "v", "strict": True, "schema": schema}}})
    text = answer["choices"][0]["message"]["content"]
    print(kind, "up to", maximum, "->", text)
    return json.loads(text)["v"]


assert ask("integer", 10, 5000) <= 10, "integers are no longer held to"
assert ask("number", 1, 750.5) > 1, "numbers are now held to"
PY
