import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { accountForHistory } from "./simulation/accountForHistory.ts"
import { playHistory } from "./simulation/playHistory.ts"

/** `CHAIN_RUNS=1000` plays more histories; `npm run test:chains` plays 100,000. */
const runs = Number(process.env["CHAIN_RUNS"] ?? 200)

/** Events that some histories must have, so that the checks mean something. */
const expected = [
  "reorganisation",
  "a host stops during a scan",
  "the lease is lost during a scan",
  ...["forked", "mixed", "empty", "truncated", "forgetful", "lagging", "narrow", "failing", "down"].map((mood) =>
    `endpoint: ${mood}`
  )
]

describe("Random histories of a chain that two hosts read through endpoints with faults", () => {
  it.live("lose no payment, count none twice, and end as the canonical chain", () =>
    Effect.gen(function*() {
      const happened = new Set<string>()
      const reasons = new Set<string>()
      let paid = 0
      for (let seed = 1; seed <= runs; seed += 1) {
        const played = yield* playHistory(seed)
        const outcome = yield* accountForHistory(played)
        for (const name of played.happened.keys()) happened.add(name)
        for (const reason of outcome.unmatched.keys()) reasons.add(reason)
        paid += outcome.paid
      }
      assert.includeMembers([...happened], expected)
      assert.includeMembers([...reasons], ["unknown_sender", "other_asset", "too_little", "too_late", "already_paid"])
      assert.isAbove(paid, runs / 2)
    }), 120_000)

  it.live("are the same again for the same seed", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* playHistory(1), yield* playHistory(1)]
      assert.deepStrictEqual(one.accounts, other.accounts)
      assert.deepStrictEqual(one.history, other.history)
    }))
})
