import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { accountFor } from "./support/engine/accountFor.ts"
import { faults } from "./support/engine/FaultyStore.ts"
import { playThroughHosts } from "./support/engine/playThroughHosts.ts"

/** `ENGINE_RUNS=1000` runs longer; `npm run test:engine` plays 100,000 calls. */
const runs = Number(process.env["ENGINE_RUNS"] ?? 20)

const callsTogether = 5

describe("Random calls through two hosts that race, crash and lose the store", () => {
  it.live("lose no answered command, store no command twice, and keep all invariants", () =>
    Effect.gen(function*() {
      const happened = new Set<string>()
      for (let seed = 1; seed <= runs; seed += 1) {
        const played = yield* playThroughHosts(seed, callsTogether)
        accountFor(played)
        for (const name of played.happened.keys()) happened.add(name)
      }
      assert.includeMembers([...happened], [...faults, "VersionConflict"])
    }))

  it.live("are the same again for the same seed", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* playThroughHosts(1, callsTogether), yield* playThroughHosts(1, callsTogether)]
      assert.deepStrictEqual(one, other)
    }))
})
