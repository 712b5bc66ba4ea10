#!/usr/bin/env bash
# LiteLLM ends a Chat Completions stream that its upstream cut off with finish_reason "stop"
# and a count of tokens.
#
# Version: litellm 1.105.7 (its proxy does the same); the upstream is played from OpenAI's
# reference. It ends in the middle of an answer, without finish_reason or [DONE].
# Expected: an error, as LiteLLM itself makes one on the Responses API ("closed the responses
# stream before any terminal event").
# Seen: after "Half an answ" comes a chunk with finish_reason "stop", then one with usage that
# LiteLLM counted itself. Half an answer looks whole to whoever asks through it.
. "$(dirname "$0")/setup.bash"
install_python litellm==1.105.7
export LITELLM_LOCAL_MODEL_COST_MAP=True
run_python <<'PY'
import http.server, json, threading
import litellm


def chunk(**delta):
    return "data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}) + "\n\n"


class Upstream(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write((chunk(role="assistant", content="Half an ") + chunk(content="answ")).encode())

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
threading.Thread(target=server.serve_forever, daemon=True).start()
answer = litellm.completion(model="openai/m", api_base=f"http://127.0.0.1:{server.server_port}/v1", api_key="x", stream=True,
                            stream_options={"include_usage": True}, messages=[{"role": "user", "content": "Say something."}])
text, ends, usage = "", [], None
for piece in answer:
    for choice in piece.choices:
        text += choice.delta.content or ""
        ends.append(choice.finish_reason)
    usage = getattr(piece, "usage", None) or usage
print(repr(text), [e for e in ends if e], usage and usage.completion_tokens, "tokens")
assert text == "Half an answ" and "stop" in ends and usage.completion_tokens > 0, "a stream that was cut is now told from a whole one"
PY
