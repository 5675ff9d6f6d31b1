/**
 * Plays many random calls through two hosts with faults, and checks that nothing is lost or doubled:
 * `node --conditions=@dchat/source packages/domain/test/call/run-engine.ts [calls] [seed]`.
 */
import { Effect } from "effect"
import { accountFor } from "./support/engine/accountFor.ts"
import { faults } from "./support/engine/FaultyStore.ts"
import { playThroughHosts } from "./support/engine/playThroughHosts.ts"

/** Calls on one store, with a seed of their own. */
const callsTogether = 5

const [calls = 100_000, firstSeed = 1] = process.argv.slice(2).map(Number)

const counts = new Map<string, number>(faults.map((fault) => [fault, 0]))
const count = (name: string, times = 1) => counts.set(name, (counts.get(name) ?? 0) + times)

const began = performance.now()
let played = 0
let seed = firstSeed
for (; played < calls; seed += 1) {
  try {
    const result = await Effect.runPromise(playThroughHosts(seed, callsTogether))
    const all = accountFor(result)
    played += all.length
    for (const { records } of all) count("stored events", records.length)
    for (const { answer, isQuick } of result.sent) {
      count(isQuick ? "quick commands" : "commands with a turn")
      if (answer !== undefined) count(`answer: ${answer._tag}${"reason" in answer ? `, ${answer.reason}` : ""}`)
    }
    for (const [name, times] of result.happened) count(name, times)
  } catch (error) {
    console.error(`Seed ${seed}:`, error)
    process.exit(1)
  }
}

const seconds = ((performance.now() - began) / 1000).toFixed(1)
console.log(`${played} calls from the seeds ${firstSeed} to ${seed - 1} in ${seconds} s`)
for (const [name, times] of counts) console.log(`  ${times} ${name}`)
const missed = faults.filter((fault) => counts.get(fault) === 0)
if (missed.length > 0) {
  console.error(`Never happened: ${missed.join(", ")}`)
  process.exit(1)
}
