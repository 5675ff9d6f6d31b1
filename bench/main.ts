/**
 * Runs benchmarks by their names, prints a table of each and writes the results: `npm run bench -- W1 --quick`.
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { benchmarksNamed } from "./benchmarks.ts"
import { installPeers } from "./processes/peers.ts"
import { pinMyself } from "./processes/PinnedProcess.ts"
import { medians, withRatios } from "./report/Measurement.ts"
import { machine, markdown, type Report, writeInto } from "./report/Report.ts"
import type { Options } from "./workloads/Benchmark.ts"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    checkout: { type: "string", multiple: true, default: [] },
    out: { type: "string", default: join(import.meta.dirname, "results") },
    write: { type: "boolean", default: false }
  }
})

const scale = values.smoke ? "smoke" : values.quick ? "quick" : "full"
const defaults = {
  full: { rounds: 5, seconds: 8 },
  quick: { rounds: 1, seconds: 4 },
  smoke: { rounds: 1, seconds: 0.5 }
}
const options: Options = {
  scale,
  isAlone: scale !== "full",
  rounds: Number(values.rounds ?? defaults[scale].rounds),
  seconds: Number(values.seconds ?? defaults[scale].seconds),
  checkouts: new Map(values.checkout.map((path) => [path, resolve(path)]))
}
const chosen = benchmarksNamed(positionals)
if (!options.isAlone) installPeers()
pinMyself()

const flags = process.argv.slice(2).filter((argument) => !positionals.includes(argument) && argument !== "--write")
await mkdir(values.out, { recursive: true })
for (const [name, { ratios, run, title }] of chosen) {
  const before = machine()
  const rounds = await run(options)
  const report: Report = {
    name,
    title,
    command: ["npm run bench --", name, ...flags].join(" "),
    options,
    ...before,
    medians: withRatios(medians(rounds), ratios),
    rounds
  }
  console.log(`\n${markdown(report)}\n`)
  await writeFile(join(values.out, `${name}.json`), JSON.stringify(report, null, 2))
  if (values.write) await writeInto(resolve(import.meta.dirname, "../docs/benchmarks.md"), report)
}
