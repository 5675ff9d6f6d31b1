import { type HostBeat, HostId, type Renewal } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import * as HostWatch from "../../src/call/HostWatch.ts"

const peer = HostId.make("peer")

const renewal = (beat?: number, isNew = false): Renewal => ({
  isNew,
  others: beat === undefined ? [] : [{ id: peer, beat }],
  now: DateTime.makeUnsafe(0),
  aheadMillis: 0
})

/** A host that started at 0 and sees these beats of the other, 5 seconds apart. */
const watching = (...beats: ReadonlyArray<number>) =>
  beats.reduce(
    (watch, beat, index) => HostWatch.renewed(watch, renewal(beat), (index + 1) * 5000),
    HostWatch.start(renewal(beats[0]), 0)
  )

describe("A host", () => {
  it("starts after an outage if it is alone, and waits for signs of life of other hosts", () => {
    assert.strictEqual(HostWatch.start(renewal(), 0).state, "cut off")
    assert.strictEqual(watching(7).state, "waiting")
    assert.strictEqual(watching(7, 8).state, "well")
    assert.strictEqual(watching(7, 7).state, "cut off")
  })

  it("considers another host dead that was unchanged for 15 seconds, and for no other reason", () => {
    const dead: ReadonlyArray<HostBeat> = [{ id: peer, beat: 8 }]
    assert.deepStrictEqual(HostWatch.silent(watching(7, 8, 8, 8), 24_999), [])
    assert.deepStrictEqual(HostWatch.silent(watching(7, 8, 8, 8, 8), 25_000), dead)
    assert.deepStrictEqual(HostWatch.silent(watching(7, 8, 9, 10, 11), 25_000), [])
  })

  it("was cut off if it could not renew itself for over 10 seconds, and watches the other hosts anew", () => {
    const watch = HostWatch.renewed(watching(7, 8), renewal(8), 20_001)
    assert.strictEqual(watch.state, "cut off")
    assert.deepStrictEqual(HostWatch.silent(watch, 30_000), [])
    assert.deepStrictEqual(HostWatch.silent(watch, 35_001), [{ id: peer, beat: 8 }])
    assert.isTrue(HostWatch.isLate(watching(7, 8), 20_001))
    assert.isFalse(HostWatch.isLate(watching(7, 8), 20_000))
  })

  it("was cut off if other hosts considered it dead, or had progressed far beyond it", () => {
    assert.strictEqual(HostWatch.renewed(watching(7, 8), renewal(9, true), 15_000).state, "cut off")
    assert.strictEqual(HostWatch.renewed(watching(7, 8), renewal(15), 15_000).state, "cut off")
    assert.strictEqual(HostWatch.renewed(watching(7, 8), renewal(14), 15_000).state, "well")
  })

  it("is well once the last outage is repaired, and not an earlier one", () => {
    const first = HostWatch.start(renewal(), 0)
    const second = HostWatch.cutOff(first)
    assert.strictEqual(HostWatch.mended(first, first.outages).state, "well")
    assert.strictEqual(HostWatch.mended(second, first.outages).state, "cut off")
  })
})
