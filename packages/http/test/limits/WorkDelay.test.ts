import { assert, describe, it } from "@effect/vitest"
import { WorkDelay } from "../../src/limits/WorkDelay.ts"

const behindAfter = (measurements: ReadonlyArray<readonly [late: number, oldestWait: number]>, took = 0) => {
  const delay = new WorkDelay()
  for (const [late, oldestWait] of measurements) {
    for (let command = 0; command < 64; command += 1) delay.took(took)
    delay.measure(late, oldestWait)
  }
  return delay.behind
}

describe("The delay of work", () => {
  it("is what four measurements in a row have in common", () => {
    assert.strictEqual(behindAfter([[300, 0], [0, 400], [500, 0]]), 0)
    assert.strictEqual(behindAfter([[300, 0], [0, 400], [500, 0], [0, 350]]), 300)
    assert.strictEqual(behindAfter([[300, 0], [0, 400], [500, 0], [0, 350], [0, 0]]), 0)
  })

  it("counts the time that signalling takes on a busy host, and not beside a slow database", () => {
    const busy = Array.from({ length: 6 }, () => [20, 0] as const)
    assert.isAbove(behindAfter(busy, 400), 300)
    const idle = Array.from({ length: 6 }, () => [1, 0] as const)
    assert.isAtMost(behindAfter(idle, 400), 1)
  })

  it("forgets the time that signalling took while no signalling comes", () => {
    const delay = new WorkDelay()
    for (let command = 0; command < 256; command += 1) delay.took(1000)
    for (let measurement = 0; measurement < 10; measurement += 1) delay.measure(20, 0)
    assert.isAtMost(delay.behind, 20)
  })
})
