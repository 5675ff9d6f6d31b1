/**
 * Runs benchmarks by their names, prints a table of each and writes the results: `npm run bench -- W1 --quick`.
 */
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { installPeers } from "./processes/peers.ts"
import { medians, withRatios } from "./report/Measurement.ts"
import { table } from "./report/table.ts"
import type { Benchmark } from "./workloads/Benchmark.ts"
import { W1 } from "./workloads/W1.ts"
import { W2 } from "./workloads/W2.ts"
import { W3 } from "./workloads/W3.ts"
import { W4 } from "./workloads/W4.ts"

const benchmarks = new Map<string, Benchmark>(Object.entries({ W1, W2, W3, W4 }))

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    checkout: { type: "string", multiple: true, default: [] }
  }
})

const options = {
  isQuick: values.quick,
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  seconds: Number(values.seconds ?? (values.quick ? 4 : 8)),
  peers: values.quick ? ["ws"] : ["ws", "socket.io", "peerjs"],
  checkouts: new Map(values.checkout.map((path) => [path, path]))
}

if (!values.quick) installPeers()

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
