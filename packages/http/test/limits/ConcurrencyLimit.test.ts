import { assert, describe, it } from "@effect/vitest"
import { ConcurrencyLimit } from "../../src/limits/ConcurrencyLimit.ts"

/** The limit after a host has carried out so many commands a second, for each of these seconds. */
const limitAfter = (seconds: ReadonlyArray<number>) => {
  const limit = new ConcurrencyLimit()
  for (const commands of seconds) {
    for (let measurement = 0; measurement < 20; measurement += 1) limit.measure(commands / 20, 50)
  }
  return limit.calls
}

describe("The limit of calls with work", () => {
  it("is the number of calls that the host sets up in a second", () => {
    assert.strictEqual(Math.round(limitAfter(Array.from({ length: 10 }, () => 22 * 300))), 300)
    assert.strictEqual(Math.round(limitAfter(Array.from({ length: 10 }, () => 22 * 1500))), 1500)
  })

  it("is 100 on a host that was idle, or sets up fewer calls in a second", () => {
    assert.strictEqual(limitAfter([]), 100)
    assert.strictEqual(limitAfter([0, 0, 0]), 100)
    assert.strictEqual(limitAfter(Array.from({ length: 10 }, () => 22 * 40)), 100)
  })

  it("follows a change of the throughput within seconds", () => {
    const fast = Array.from({ length: 10 }, () => 22 * 1000)
    assert.isBelow(limitAfter([...fast, 22 * 200]), 500)
    assert.isBelow(limitAfter([...fast, 22 * 200, 22 * 200, 22 * 200]), 250)
  })

  it("weighs a measurement by the time that it took", () => {
    const steady = new ConcurrencyLimit()
    steady.measure(22 * 500 * 10, 10_000)
    steady.measure(22 * 500 / 2, 500)
    assert.strictEqual(Math.round(steady.calls), 500)
    steady.measure(0, 0)
    assert.strictEqual(Math.round(steady.calls), 500)
  })
})
