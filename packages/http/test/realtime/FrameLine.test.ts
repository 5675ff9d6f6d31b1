import { assert, describe, it } from "@effect/vitest"
import { FrameLine } from "../../src/realtime/FrameLine.ts"

const frame = "x".repeat(16 * 1024)

/** A line of a socket that records when it is paused and resumed. */
const start = () => {
  const told: Array<string> = []
  const line = new FrameLine({ pause: () => told.push("pause"), resume: () => told.push("resume") })
  return { line, told }
}

describe("The line of waiting frames", () => {
  it("returns the frames in their order", () => {
    const { line, told } = start()
    line.add("first")
    line.add("second")
    assert.deepStrictEqual([line.next(), line.next(), line.next()], ["first", "second", undefined])
    assert.deepStrictEqual(told, [])
  })

  it("pauses the socket once when 64 KiB wait, and resumes it when no frame waits", () => {
    const { line, told } = start()
    for (let count = 0; count < 3; count += 1) line.add(frame)
    assert.deepStrictEqual(told, [])
    line.add(frame)
    line.add(frame)
    assert.deepStrictEqual(told, ["pause"])
    for (let count = 0; count < 5; count += 1) assert.strictEqual(line.next(), frame)
    assert.deepStrictEqual(told, ["pause"])
    assert.isUndefined(line.next())
    assert.isUndefined(line.next())
    assert.deepStrictEqual(told, ["pause", "resume"])
  })
})
