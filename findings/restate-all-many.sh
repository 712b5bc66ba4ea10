#!/usr/bin/env bash
# RestatePromise.all over many steps takes a time that grows faster than their number.
#
# Version: @restatedev/restate-sdk 1.17.2 on Node 22.23.5, @restatedev/restate-server 1.7.12.
# Expected: of steps that were all begun, a step costs the same whether 500 or 2,000 are waited
# for, and RestatePromise.all, the documented way, costs about what waiting for one after the other does.
# Seen: all looks at each of its steps again whenever one of them is done, so a step of 2,000 costs the
# service two to three times the processor time of one of 500. Waiting for the same steps one after the other does not.
. "$(dirname "$0")/setup.bash"
install_restate 22.23.5
run_restate <<'JS'
import { RestatePromise, service } from "@restatedev/restate-sdk";
import { call, serve } from "./restate.mjs";

const begin = (ctx, n) => Array.from({ length: n }, (_, i) => ctx.run("step", () => i));
const handlers = {
	all: async (ctx, n) => (await RestatePromise.all(begin(ctx, n))).length,
	inTurn: async (ctx, n) => {
		let done = 0;
		for (const step of begin(ctx, n)) {
			await step;
			done++;
		}
		return done;
	},
};
await serve(service({ name: "many", handlers }));

const each = {};
for (const how of ["all", "inTurn"]) {
	await call(`/many/${how}`, 500); // what happens once
	each[how] = [];
	for (const n of [500, 2000]) {
		const [began, had] = [performance.now(), process.cpuUsage()];
		if ((await call(`/many/${how}`, n)) !== n) throw new Error("not all were done");
		const [took, used] = [performance.now() - began, process.cpuUsage(had)];
		each[how].push((used.user + used.system) / 1000 / n);
		console.log(`${how} of ${n}: ${took.toFixed(0)} ms; ${each[how].at(-1).toFixed(2)} ms of the service's processor time a step`);
	}
}
const [all, inTurn] = [each.all[1] / each.all[0], each.inTurn[1] / each.inTurn[0]];
console.log(`a step of 2,000 to one of 500: all ${all.toFixed(1)}, in turn ${inTurn.toFixed(1)}`);
process.exit(all > 1.7 && all > 1.5 * inTurn ? 0 : 1);
JS
