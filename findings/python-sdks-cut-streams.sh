#!/usr/bin/env bash
# The streaming helpers of openai-python (Chat Completions) and anthropic-python return half
# an answer as the final one when the connection ends early.
#
# Version: openai 3.57.0, anthropic 2.14.0 (Python); the servers are played from the APIs'
# references. Their answers end in the middle, without finish_reason, message_stop or
# [DONE], as a proxy ends them whose upstream is gone.
# Expected: an exception, as responses.stream of openai-python raises one ("Didn't receive a
# `response.completed` event").
# Seen: get_final_completion() and get_final_message() return the half; finish_reason and
# stop_reason are None. get_final_text() returns its text alone, so that nothing tells.
. "$(dirname "$0")/setup.bash"
install_python openai==3.57.0 anthropic==2.14.0
run_python <<'PY'
import http.server, json, threading
import anthropic, openai


def event(kind, **fields):
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"


def chunk(**delta):
    return "data: " + json.dumps({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}) + "\n\n"


response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "m", "status": "in_progress", "error": None, "incomplete_details": None, "output": [], "parallel_tool_calls": False, "tool_choice": "auto", "tools": [], "usage": None}
message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 1}}
halves = {
    "/v1/chat/completions": chunk(role="assistant", content="Half an ") + chunk(content="answ"),
    "/v1/messages": event("message_start", message=message) + event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    + event("content_block_delta", index=0, delta={"type": "text_delta", "text": "Half an answ"}),
    "/v1/responses": event("response.created", sequence_number=0, response=response)
    + event("response.output_item.added", sequence_number=1, output_index=0, item={"type": "message", "id": "m", "role": "assistant", "status": "in_progress", "content": []})
    + event("response.content_part.added", sequence_number=2, item_id="m", output_index=0, content_index=0, part={"type": "output_text", "text": "", "annotations": []})
    + event("response.output_text.delta", sequence_number=3, item_id="m", output_index=0, content_index=0, delta="Half an answ", logprobs=[]),
}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(halves[self.path].encode())

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
messages = [{"role": "user", "content": "Say something."}]
o = openai.OpenAI(base_url=address + "/v1", api_key="x")
a = anthropic.Anthropic(base_url=address, api_key="x")

with o.chat.completions.stream(model="m", messages=messages) as s:
    choice = s.get_final_completion().choices[0]
print("openai, Chat Completions:", repr(choice.message.content), choice.finish_reason)
with a.messages.stream(model="m", max_tokens=50, messages=messages) as s:
    text, stop = s.get_final_text(), s.get_final_message().stop_reason
print("anthropic, Messages:     ", repr(text), stop)
try:
    with o.responses.stream(model="m", input="Say something.") as s:
        raised = s.get_final_response()
except RuntimeError as e:
    raised = e
print("openai, Responses:       ", repr(raised))
assert choice.message.content == "Half an answ" and choice.finish_reason is None, "openai-python now tells"
assert text == "Half an answ" and stop is None, "anthropic-python now tells"
assert isinstance(raised, RuntimeError)
PY
