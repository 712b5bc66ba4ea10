#!/usr/bin/env bash
# openai-python's responses.parse turns an answer that was cut at its limit into a pydantic
# ValidationError.
#
# Version: openai 3.57.0, pydantic 2.14.4 (Python); the server is played from the API's
# reference.
# Expected: as chat.completions.parse does, an error that says that the limit was reached
# and holds the response (LengthFinishReasonError); or a response with status "incomplete"
# and no output_parsed, as for a refusal.
# Seen: pydantic_core.ValidationError "Invalid JSON: EOF while parsing a string", without
# the response: neither the reason nor the tokens, which were paid, can be had from it, and
# it reads as if the model could not write JSON.
. "$(dirname "$0")/setup.bash"
install_python openai==3.57.0 pydantic==2.14.4
run_python <<'PY'
import http.server, json, threading
import openai, pydantic

cut = '{"title": "A fox", "bo'
usage = {"input_tokens": 5, "output_tokens": 16, "total_tokens": 21, "input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "error": None,
            "output": [{"type": "message", "id": "msg_1", "role": "assistant", "status": "incomplete", "content": [{"type": "output_text", "text": cut, "annotations": []}]}],
            "parallel_tool_calls": False, "tool_choice": "auto", "tools": [], "usage": usage}
completion = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "usage": {"prompt_tokens": 5, "completion_tokens": 16, "total_tokens": 21},
              "choices": [{"index": 0, "finish_reason": "length", "message": {"role": "assistant", "content": cut}}]}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(response if self.path.endswith("/responses") else completion).encode())

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = openai.OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="x")


class Tale(pydantic.BaseModel):
    title: str
    body: str


def error_of(ask):
    try:
        return ask()
    except Exception as e:
        print(type(e).__module__ + "." + type(e).__name__ + ":", str(e).splitlines()[0:2])
        return e


chat = error_of(lambda: client.chat.completions.parse(model="m", messages=[{"role": "user", "content": "x"}], response_format=Tale, max_tokens=16))
answer = error_of(lambda: client.responses.parse(model="m", input="x", text_format=Tale, max_output_tokens=16))
assert isinstance(chat, openai.LengthFinishReasonError) and chat.completion.usage.completion_tokens == 16
assert isinstance(answer, pydantic.ValidationError), "responses.parse now says something else"
PY
