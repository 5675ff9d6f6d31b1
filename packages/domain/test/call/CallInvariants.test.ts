import { describe, it } from "@effect/vitest"
import { callInvariants } from "./support/callInvariants.ts"
import { play, randomCalls } from "./support/randomCalls.ts"

/** `CALL_RUNS=2000 npx vitest run CallInvariants` looks longer; a failure names the replay token to repeat it. */
const runs = Number(process.env["CALL_RUNS"] ?? 120)

describe("A call under random commands", () => {
  for (const [sentence, holds] of Object.entries(callInvariants)) {
    it.prop(sentence, [randomCalls], ([numbers]) => {
      holds(play(numbers))
    }, { arbitrary: { runs, size: 80 } })
  }
})
