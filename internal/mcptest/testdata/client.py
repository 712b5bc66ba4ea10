"""An agent's client, made with the official SDK for Python.

It lists flows, has a post written that a person is to approve, fetches it as a document, and
gives up on a call and finds its run again. It ends with an error if anything is otherwise.

    client.py MODE ASKED COMMAND...    over standard input and output
    client.py MODE ASKED URL TOKEN     over HTTP

MODE is legacy or a revision; ASKED is the action of the person at the client, or nobody.
"""

import asyncio
import json
import os
import sys

import httpx2
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult, Implementation

mode, asked, *where = sys.argv[1:]
forms, told = [], []


def want(true, *said):
    if not true:
        raise SystemExit(f"not as it should be: {said}")


async def answers(_context, params):
    forms.append(params)
    content = {"decision": "approve", "comment": "good"} if asked == "accept" else None
    return ElicitResult(action=asked, content=content)


async def hears(_progress, _total, message):
    told.append(message)


async def call(client, tool, **arguments):
    result = await client.call_tool(tool, arguments, progress_callback=hears)
    want(not result.is_error, tool, result)
    want(json.loads(result.content[0].text) == result.structured_content, tool, "the text is not the content")
    return result.structured_content


async def rest(client, run):
    while True:
        got = await call(client, "run_wait", run=run, wait_seconds=45)
        if got["run"]["status"] in ("waiting", "done", "failed", "stopped", "canceled", "paused"):
            return got


async def post(client):
    """A post is written, approved by whoever may, and fetched."""
    started = await call(client, "run_start", flow="blog", input={"topic": "Tides", "approve": True}, idempotency_key=f"post {mode} {asked}")
    run = started["id"]
    want(run in told[0], "the first progress has the run's id", told)
    got = await rest(client, run)
    want(got["run"]["status"] == "waiting", got["run"])
    inbox = await call(client, "inbox_list")
    want(any(item["run"] == run for item in inbox["items"]), inbox)
    blocker = got["run"]["blockers"][0]
    step = blocker["key"]
    if asked == "nobody":
        opened = await call(client, "inbox_decide", run=run, step=step)
        want(opened["outcome"] == "open" and any(f"approve {run}" in c for c in opened["commands"]), opened)
        decided = await call(client, "inbox_decide", run=run, step=step, what="approve", digest=blocker["digest"])
        want(forms == [], "nobody is asked", forms)
    else:
        decided = await call(client, "inbox_decide", run=run, step=step)
        want(len(forms) == 1 and "blog" in forms[0].message and "decision" in forms[0].requested_schema["properties"], forms)
    if asked in ("decline", "cancel"):
        want(decided["outcome"] == {"decline": "declined", "cancel": "canceled"}[asked], decided)
        want((await rest(client, run))["run"]["status"] == "waiting", "it waits as before")
        return
    want(decided["outcome"] == "decided", decided)
    got = await rest(client, run)
    want(got["run"]["status"] == "done" and len(got["run"]["decisions"]) == 1, got["run"])
    exported = await call(client, "run_export", run=run)
    want(run in exported["text"] and "Tides" in exported["text"], exported)
    read = await client.read_resource(f"run://{run}")
    want(json.loads(read.contents[0].text)["id"] == run, read)


async def give_up(client):
    """A call is given up after a second; its run goes on, and is found again."""
    slow = dict(flow="headlines", input={"text": "Tides come and go."}, model="offline?latency=1500ms", idempotency_key=f"slow {mode} {asked}")
    told.clear()
    try:
        await client.call_tool("run_start", {**slow, "wait_seconds": 45}, read_timeout_seconds=1, progress_callback=hears)
        want(False, "the call has ended in a second")
    except MCPError as error:
        want("imed out" in str(error), error)
    again = await call(client, "run_start", **slow)
    want(again["again"] and again["id"] in told[0], again, told)
    got = await rest(client, again["id"])
    want(got["run"]["status"] == "done", got["run"])


async def use(server):
    callback = None if asked == "nobody" else answers
    async with Client(server, mode=mode, client_info=Implementation(name="python", version="1"), elicitation_callback=callback) as client:
        want(client.protocol_version == ("2025-11-25" if mode == "legacy" else mode), client.protocol_version)
        flows = await call(client, "flow_list")
        want("blog" in [f["name"] for f in flows["flows"]], flows)
        names = [t.name for t in (await client.list_tools()).tools]
        want(len(names) == 14 and names == sorted(names), names)
        bad = await client.call_tool("run_start", {"flow": "blgo", "input": {}})
        want(bad.is_error and "blgo" in bad.content[0].text, bad)
        await post(client)
        if asked in ("accept", "nobody"):
            await give_up(client)


async def main():
    if not where[0].startswith("http"):
        await use(StdioServerParameters(command=where[0], args=where[1:], env=dict(os.environ)))
        return
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {where[1]}"}, timeout=60) as http:
        await use(streamable_http_client(where[0], http_client=http))


asyncio.run(main())
