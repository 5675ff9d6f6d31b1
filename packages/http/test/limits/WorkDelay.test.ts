import { assert, describe, it } from "@effect/vitest"
import { WorkDelay } from "../../src/limits/WorkDelay.ts"

const behindAfter = (measurements: ReadonlyArray<readonly [late: number, oldestWait: number]>) => {
  const delay = new WorkDelay()
  for (const [late, oldestWait] of measurements) delay.measure(late, oldestWait)
  return delay.behind
}

describe("The delay of work", () => {
  it("is what four measurements in a row have in common", () => {
    assert.strictEqual(behindAfter([[300, 0], [0, 400], [500, 0]]), 0)
    assert.strictEqual(behindAfter([[300, 0], [0, 400], [500, 0], [0, 350]]), 300)
    assert.strictEqual(behindAfter([[300, 0], [0, 400], [500, 0], [0, 350], [0, 0]]), 0)
  })
})
