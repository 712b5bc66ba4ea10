// What Restate executes: the workloads of Pawl's bench (bench/flows.go, bench/blog.go).
// Prints its port when it listens, and is ended by scripts/tether.py.
import { createServer } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import { RestatePromise, createEndpointHandler, service } from "@restatedev/restate-sdk";

const step = (ctx, i) => ctx.run("step", () => i);

// atMost has that many steps under way. race goes by the order in which the journal has the
// results, so a replay begins the steps in the same order.
async function atMost(ctx, limit, n) {
	const underWay = new Map();
	for (let i = 0; i < n; i++) {
		if (underWay.size === limit) {
			underWay.delete(await RestatePromise.race([...underWay.values()]));
		}
		underWay.set(i, step(ctx, i));
	}
	await RestatePromise.all([...underWay.values()]);
}

const words = (n) => Array(n).fill("words").join(" ");

// call is a model that takes its time.
const call = (ctx, name, answer) =>
	ctx.run(name, async () => {
		await sleep(200);
		return answer;
	});

const bench = service({
	name: "bench",
	handlers: {
		chain: async (ctx, { n }) => {
			for (let i = 0; i < n; i++) {
				await step(ctx, i);
			}
			return n;
		},
		map: async (ctx, { n }) => {
			await atMost(ctx, 16, n);
			return n;
		},
		mapAtOnce: async (ctx, { n }) => {
			await RestatePromise.all(Array.from({ length: n }, (_, i) => step(ctx, i)));
			return n;
		},
		blog: async (ctx) => {
			const plan = await call(ctx, "plan", { sections: [250, 250, 250, 250], audience: words(20) });
			const sections = await RestatePromise.all(plan.sections.map((n, i) => call(ctx, `section ${i}`, { content: words(n) })));
			const review = await call(ctx, "review", { score: 0.9, text: sections.map((s) => s.content).join("\n\n") });
			return { plan, sections, review };
		},
	},
});

const server = createServer(createEndpointHandler({ services: [bench] }));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));

