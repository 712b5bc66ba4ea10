#!/usr/bin/env bash
# Restate's SDK starts on Node 20, is registered, and then no call to it ever ends.
#
# Version: @restatedev/restate-sdk 1.17.2, @restatedev/restate-server 1.7.12, Node 20.20.2 (no longer
# maintained since April 2026). Neither the package nor its README says which Node it wants.
# Expected: the package says in `engines` which Node it wants, for npm to warn, or the SDK refuses to start
# where Node is too old for it.
# Seen: it has no `engines`, the service starts and is registered. A call fails within the SDK with
# "Promise.withResolvers is not a function", in its log alone: it does not end its answer to the server,
# and who called waits, for more than five minutes where that was tried.
. "$(dirname "$0")/setup.bash"
install_restate 20.20.2
run_restate <<'JS'
import { readFileSync } from "node:fs";
import { service } from "@restatedev/restate-sdk";
import { call, serve } from "./restate.mjs";

const said = [];
console.error = console.warn = (...all) => said.push(all.join(" "));
await serve(service({ name: "greeter", handlers: { greet: async (ctx) => ctx.run("step", () => "hello") } }));
console.log(`Node ${process.version}: the service is registered`);
const none = "no answer within 15 s";
const answer = await Promise.race([call("/greeter/greet"), new Promise((go) => setTimeout(go, 15_000, none))]);
const failed = said.filter((s) => s.includes("Promise.withResolvers is not a function"));
console.log(`${answer}; the SDK failed: ${failed[0]?.split("\n")[0]}`);
const { engines } = JSON.parse(readFileSync("node_modules/@restatedev/restate-sdk/package.json"));
console.log(`engines: ${JSON.stringify(engines)}`);
process.exit(engines === undefined && answer === none && failed.length > 0 ? 0 : 1);
JS
