#!/usr/bin/env bash
# openai-node sends the schema of a zod type's output and parses the answer as its input, so
# that an answer which obeys the schema is refused.
#
# Version: openai 6.49.0, zod 4.6.7 (npm); the server is played from the API's reference.
# Expected: the schema that is sent describes what the parser takes. z.stringbool() reads
# "yes" and "no", so a string; other types that JSON Schema cannot hold are refused by
# zodResponseFormat before anything is sent.
# Seen: {"type":"boolean"} is sent, the model answers true, and chat.completions.parse
# throws a ZodError "expected string, received boolean": each answer is paid and lost. The
# same with z.string().pipe(z.coerce.number()) and with z.codec(z.string(), z.number()).
. "$(dirname "$0")/setup.bash"
install_node openai@6.49.0 zod@4.6.7
cat >"$dir/find.mjs" <<'JS'
import assert from 'node:assert';
import http from 'node:http';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import * as z from 'zod';

const cases = [
  ['stringbool', z.stringbool(), true, 'boolean'],
  ['pipe', z.string().pipe(z.coerce.number()), 3, 'number'],
  ['codec', z.codec(z.string(), z.number(), { decode: Number, encode: String }), 3, 'number'],
];
let sent, value;
const server = http.createServer(async (req, res) => {
  let body = '';
  for await (const piece of req) body += piece;
  sent = JSON.parse(body).response_format.json_schema.schema.properties.v;
  const message = { role: 'assistant', content: JSON.stringify({ v: value }), refusal: null };
  res.setHeader('Content-Type', 'application/json');
  res.end(JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, finish_reason: 'stop', message }] }));
});
await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
const client = new OpenAI({ baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: 'x' });
for (const [name, type, obeying, sentType] of cases) {
  value = obeying;
  let error;
  try {
    await client.chat.completions.parse({ model: 'm', messages: [{ role: 'user', content: 'x' }], response_format: zodResponseFormat(z.object({ v: type }), 'v') });
  } catch (e) {
    error = e;
  }
  console.log(name, 'sent', JSON.stringify(sent), 'answered', value, '->', error?.issues?.[0].message ?? 'taken');
  assert.equal(sent.type, sentType, 'another schema is sent now');
  assert.equal(error?.constructor.name, 'ZodError', 'the answer is taken now');
}
server.close();
JS
node "$dir/find.mjs"
