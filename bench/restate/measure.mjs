// Measures what service.mjs does, from a client's call to its result over Restate's ingress, and
// prints a line of JSON, in the units of Pawl's bench:
//
//	node measure.mjs INGRESS ADMIN SERVICE all|short|chain
//
// These are medians. A first round of each is thrown away. With "chain" it prints how many steps came
// one after another, when they began and ended, in seconds since 1970, and the milliseconds of each.
import * as clients from "@restatedev/restate-sdk-clients";

const [ingress, admin, service, mode] = process.argv.slice(2);

async function until(what, asked) {
	for (const end = Date.now() + 60_000; Date.now() < end; ) {
		if (await asked().catch(() => false)) {
			return;
		}
		await new Promise((again) => setTimeout(again, 100));
	}
	throw new Error(`${what}: not ready within a minute`);
}

async function register() {
	await until("Restate's admin API", async () => (await fetch(`${admin}/health`)).ok);
	await until("Restate's ingress", async () => (await fetch(`${ingress}/restate/health`)).ok);
	const answer = await fetch(`${admin}/deployments`, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ uri: service }),
	});
	if (!answer.ok) {
		throw new Error(`registering the service: ${answer.status} ${await answer.text()}`);
	}
}

const bench = clients.connect({ url: ingress }).serviceClient({ name: "bench" });

async function steps(handler, n) {
	const got = await bench[handler]({ n });
	if (got !== n) {
		throw new Error(`${handler} of ${n}: the result is ${JSON.stringify(got)}`);
	}
}

async function blog() {
	const post = await bench.blog({});
	if (post.sections.length !== 4 || post.review.text.split(/\s+/).length !== 1000) {
		throw new Error(`blog: the result is ${JSON.stringify(post).slice(0, 200)}`);
	}
}

function median(values) {
	return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

// typical returns how many milliseconds so many rounds took, in the middle of them.
async function typical(rounds, work) {
	const took = [];
	for (let i = 0; i <= (mode === "short" ? Math.min(rounds, 2) : rounds); i++) {
		const begin = performance.now();
		await work();
		took.push(performance.now() - begin);
	}
	return median(took.slice(1));
}

await register();
if (mode === "chain") {
	const n = 200;
	await steps("chain", n); // what happens once
	const begin = Date.now();
	await steps("chain", n);
	const end = Date.now();
	console.log(n, begin / 1000, end / 1000, ((end - begin) / n).toFixed(2));
	process.exit();
}
const figures = {};
figures.chain = ((await typical(15, () => steps("chain", 200))) * 1000) / 200;
figures.busy = (200 * 20 * 1000) / (await typical(7, () => Promise.all(Array.from({ length: 200 }, () => steps("chain", 20)))));
figures.map = await typical(7, () => steps("map", 1000));
figures.mapAtOnce = await typical(7, () => steps("mapAtOnce", 1000));
figures.blog = (await typical(5, blog)) - 3 * 200;
console.log(JSON.stringify(figures));
