// Prints medians of rounds as a table: node compare.mjs DIR, where DIR has restate-1.json (what
// measure.mjs printed), pawl-1.json (what Pawl's bench wrote), and so on. The ratio says how many
// times as fast Pawl is: below 1 it is slower.
import { readFileSync, readdirSync } from "node:fs";

const dir = process.argv[2];
const read = (name) => JSON.parse(readFileSync(`${dir}/${name}`, "utf8"));

// rows: name, unit, Restate's figure, Pawl's workload and how its figure begins, what that one counts from.
const rows = [
	["chain: a step of 200", "us", "chain", "chain", "a step of 200", 0],
	["200 runs of 20 steps", "steps/s", "busy", "busy", "steps of 200", 0],
	["map of 1,000, 16 under way", "ms", "map", "map", "map over 1000 ", 0],
	["map of 1,000, Restate: all under way", "ms", "mapAtOnce", "map", "map over 1000 ", 0],
	["blog, 200 ms a call, over its critical path", "ms", "blog", "blog", "blog post", 600],
];

const sorted = (values) => [...values].sort((a, b) => a - b);
const median = (values) => (sorted(values)[(values.length - 1) >> 1] + sorted(values)[values.length >> 1]) / 2;
const brief = (v) => (Math.abs(v) >= 100 ? v.toFixed(0) : v.toPrecision(3));

const numbers = readdirSync(dir).flatMap((name) => name.match(/^restate-(\d+)\.json$/)?.[1] ?? []);
const rounds = numbers.map((n) => ({ restate: read(`restate-${n}.json`), pawl: read(`pawl-${n}.json`) }));

function pawlFigure(figures, workload, begin, unit) {
	const found = figures.filter((f) => f.workload === workload && f.what.startsWith(begin));
	if (found.length !== 1 || found[0].unit !== unit) {
		throw new Error(`Pawl's bench has no figure "${begin}" of ${workload} in ${unit}`);
	}
	return found[0].value;
}

console.log(`| workload, rounds: ${rounds.length} | Restate | Pawl | ratio |\n|---|---|---|---|`);
for (const [name, unit, key, workload, begin, from] of rows) {
	const restate = rounds.map((r) => r.restate[key]);
	const pawl = rounds.map((r) => pawlFigure(r.pawl, workload, begin, unit) - from);
	const faster = (r, p) => (unit === "steps/s" ? p / r : r / p);
	const each = sorted(restate.map((v, i) => faster(v, pawl[i])));
	const range = rounds.length > 1 ? ` (${brief(each[0])} to ${brief(each.at(-1))})` : "";
	console.log(`| ${name} | ${brief(median(restate))} ${unit} | ${brief(median(pawl))} ${unit} | ${brief(faster(median(restate), median(pawl)))} x${range} |`);
}
