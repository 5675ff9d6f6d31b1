/**
 * Runs benchmarks by their names, prints a table of each and writes the results: `npm run bench -- W1 --quick`.
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { installPeers } from "./processes/peers.ts"
import { pinMyself } from "./processes/PinnedProcess.ts"
import { medians, withRatios } from "./report/Measurement.ts"
import { table } from "./report/table.ts"
import type { Benchmark, Options } from "./workloads/Benchmark.ts"
import { H1 } from "./workloads/H1.ts"
import { M1 } from "./workloads/M1.ts"
import { W1 } from "./workloads/W1.ts"
import { W1Offered } from "./workloads/W1Offered.ts"
import { W2 } from "./workloads/W2.ts"
import { W3 } from "./workloads/W3.ts"
import { W4 } from "./workloads/W4.ts"

const benchmarks = new Map<string, Benchmark>(Object.entries({ H1, M1, W1, "W1-offered": W1Offered, W2, W3, W4 }))

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    checkout: { type: "string", multiple: true, default: [] }
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
  checkouts: new Map(values.checkout.map((path) => [path, path]))
}
if (!options.isAlone) installPeers()
pinMyself()

const names = positionals.length === 0 ? [...benchmarks.keys()] : positionals
const results = join(import.meta.dirname, "results")
await mkdir(results, { recursive: true })
for (const name of names) {
  const benchmark = benchmarks.get(name)
  if (benchmark === undefined) throw new Error(`no benchmark ${name}: there are ${[...benchmarks.keys()].join(", ")}`)
  const rounds = await benchmark.run(options)
  const measurements = withRatios(medians(rounds), benchmark.ratios)
  console.log(`\n${name}: ${benchmark.title}\n\n${table(measurements)}\n`)
  await writeFile(
    join(results, `${name}.json`),
    JSON.stringify({ name, options, medians: measurements, rounds }, null, 2)
  )
}
