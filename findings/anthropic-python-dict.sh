#!/usr/bin/env bash
# anthropic-python sends a pydantic field dict[str, int] as an object without any property,
# so that the only answer which obeys is {}.
#
# Version: anthropic 2.14.0, pydantic 2.14.4 (Python); the server is played from the API's
# reference.
# Expected: an error before anything is sent, since structured outputs want
# "additionalProperties": false and cannot hold a map (openai-node refuses a zod record so);
# or, as for minimum and other keywords that are left out, a word about it in the schema's
# description.
# Seen: {"type": "object", "properties": {}, "additionalProperties": false}, and nothing in a
# description. A server that enforces it answers {} each time, and messages.parse takes that
# as a dict which happens to be empty.
. "$(dirname "$0")/setup.bash"
install_python anthropic==2.14.0 pydantic==2.14.4
run_python <<'PY'
import http.server, json, threading
import anthropic, pydantic

sent = {}
message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [{"type": "text", "text": '{"words": {}}'}],
           "stop_reason": "end_turn", "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 5}}


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        sent.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(message).encode())

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = anthropic.Anthropic(base_url=f"http://127.0.0.1:{server.server_port}", api_key="x")


class Count(pydantic.BaseModel):
    words: dict[str, int]


answer = client.messages.parse(model="m", max_tokens=100, messages=[{"role": "user", "content": "Count the words."}], output_format=Count)
schema = sent["output_config"]["format"]["schema"]["properties"]["words"]
print("sent:  ", json.dumps(schema))
print("parsed:", repr(answer.parsed_output))
assert schema["properties"] == {} and schema["additionalProperties"] is False and "description" not in schema, "dicts are sent in another way now"
PY
