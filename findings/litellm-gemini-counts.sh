#!/usr/bin/env bash
# On Gemini's wire LiteLLM says of every stream that it took no tokens, and leaves out how much a
# model is to think.
#
# Version: litellm 1.105.7 (its proxy does the same); the upstream is played from OpenAI's
# reference. It counts 7 and 2 tokens, in a stream in the chunk before [DONE].
# Expected: the counts of the upstream, as in an answer that is not streamed; and thinkingConfig as
# reasoning_effort, which LiteLLM knows of the model that is asked for, or an error, as it makes one of
# what a model does not take.
# Seen: whole, 7 and 2 tokens; streamed, the last chunk says 0, 0 and 0. Who adds up what calls cost
# finds that streams are free. In both thinkingConfig is dropped without a word.
. "$(dirname "$0")/setup.bash"
install_python litellm==1.105.7
export LITELLM_LOCAL_MODEL_COST_MAP=True
run_python <<'PY'
import asyncio, http.server, json, threading
from litellm.google_genai import agenerate_content_stream, generate_content

USAGE = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
asked = []


def chunk(usage=None, finish=None, choices=True, **delta):
    return "data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "usage": usage,
                                  "choices": [{"index": 0, "delta": delta, "finish_reason": finish}] if choices else []}) + "\n\n"


class Upstream(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        if asked[-1].get("stream"):
            kind, body = "text/event-stream", chunk(role="assistant", content="Hello there") + chunk(finish="stop") + chunk(USAGE, choices=False) + "data: [DONE]\n\n"
        else:
            kind, body = "application/json", json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE,
                                                         "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello there"}, "finish_reason": "stop"}]})
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
threading.Thread(target=server.serve_forever, daemon=True).start()
request = dict(model="openai/gpt-5", api_base=f"http://127.0.0.1:{server.server_port}/v1", api_key="x", config={"thinkingConfig": {"thinkingLevel": "LOW"}},
               contents=[{"role": "user", "parts": [{"text": "Say hello."}]}])


async def stream():
    return [json.loads(c.decode().removeprefix("data: ")) async for c in await agenerate_content_stream(**request)]


def counts(answer):
    return [answer["usageMetadata"][k] for k in ("promptTokenCount", "candidatesTokenCount", "totalTokenCount")]


whole, last = generate_content(**request), asyncio.run(stream())[-1]
print("whole", counts(whole), "streamed", counts(last), "asked for", [sorted(a) for a in asked])
assert counts(whole) == [7, 2, 9]
assert counts(last) == [0, 0, 0], "streams are counted now"
assert not any("reasoning_effort" in a or "thinking" in json.dumps(a) for a in asked), "thinkingConfig is sent on now"
PY
