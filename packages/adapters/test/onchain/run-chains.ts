/**
 * Plays many random histories of a chain through the scanner and the accounts, and checks that nothing is lost or doubled:
 * `node --conditions=@dchat/source packages/adapters/test/onchain/run-chains.ts [histories] [seed]`.
 */
import { Effect } from "effect"
import { accountForHistory } from "./simulation/accountForHistory.ts"
import { playHistory } from "./simulation/playHistory.ts"

const [histories = 100_000, firstSeed = 1] = process.argv.slice(2).map(Number)

const counts = new Map<string, number>()
const count = (name: string, times: number) => counts.set(name, (counts.get(name) ?? 0) + times)

/** The run ends after so many histories that went wrong. */
const mostFailures = 20

let failures = 0
const began = performance.now()
for (let seed = firstSeed; seed < firstSeed + histories; seed += 1) {
  try {
    const outcome = await Effect.runPromise(
      Effect.gen(function*() {
        const played = yield* playHistory(seed)
        for (const [name, times] of played.happened) count(name, times)
        count("scans", played.scans)
        return yield* accountForHistory(played)
      })
    )
    count("transfers of the canonical chains", outcome.transfers)
    count("paid", outcome.paid)
    count("payments reversed at the end", outcome.reversed)
    for (const [reason, times] of outcome.unmatched) count(`unmatched: ${reason}`, times)
  } catch (error) {
    failures += 1
    console.error(`Seed ${seed}:`, error instanceof Error ? error.message : error)
    if (failures >= mostFailures) process.exit(1)
  }
}

console.log(`${histories} histories from seed ${firstSeed} in ${((performance.now() - began) / 1000).toFixed(1)} s`)
for (const [name, times] of [...counts].toSorted()) console.log(`  ${times} ${name}`)
if (failures > 0) process.exit(1)
