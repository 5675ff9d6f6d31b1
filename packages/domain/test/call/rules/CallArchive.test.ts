import { CallArchive, type CallRecord, isOver, participation, record } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { beginning } from "../support/given.ts"
import { accepted, answer, initiated, invited, offer, ringing } from "../support/history.ts"
import { ann, bob } from "../support/people.ts"
import { play, randomCalls } from "../support/randomCalls.ts"

/** The numbers of the events that a user reads who asks for the events after `known`. */
const readBy = (records: ReadonlyArray<CallRecord>, user: string, known: number) =>
  records.filter(({ audience, seq }) => seq > known && audience[user as typeof ann] !== undefined)

const archived = (records: ReadonlyArray<CallRecord>) => CallArchive.relinked(records.filter(CallArchive.isLasting))

describe("the archive of a call", () => {
  it("leaves out signalling, and links the other events to each other", () => {
    const { records } = record(undefined, [
      initiated(),
      invited(bob),
      ringing(bob),
      offer(ann, bob),
      accepted(bob),
      answer(bob, ann),
      { _tag: "Candidates", from: ann, to: bob, negotiation: 1, digests: ["one"] },
      { _tag: "LinkUp", a: ann, b: bob, negotiation: 1 },
      { _tag: "CallEnded", reason: "hangup" }
    ], beginning)
    assert.deepStrictEqual(
      archived(records).map(({ audience, event, seq }) => [seq, event._tag, audience]),
      [
        [1, "CallInitiated", { [ann]: 0 }],
        [2, "Invited", { [ann]: 1, [bob]: 0 }],
        [3, "Ringing", { [ann]: 2, [bob]: 2 }],
        [5, "Accepted", { [ann]: 3, [bob]: 3 }],
        [8, "LinkUp", { [ann]: 5, [bob]: 5 }],
        [9, "CallEnded", { [ann]: 8, [bob]: 8 }]
      ]
    )
  })

  it.prop("keeps no digest in the state", [randomCalls], ([numbers]) => {
    const { call } = play(numbers)
    if (call === undefined) return
    const text = JSON.stringify(CallArchive.withoutSignalling(call))
    for (const { event } of play(numbers).records) {
      const digests = "digests" in event ? event.digests : "digest" in event ? [event.digest] : []
      for (const digest of digests) assert.notInclude(text, `"${digest}"`)
    }
  }, { arbitrary: { runs: 60, size: 80 } })

  it.prop(
    "shows every user each lasting event once and no gap, whatever event the user knows",
    [randomCalls],
    ([numbers]) => {
      const { call, records } = play(numbers)
      if (call === undefined || !isOver(call)) return
      const timeline = archived(records)
      for (const { userId } of call.participants) {
        const all = readBy(timeline, userId, 0)
        assert.deepStrictEqual(
          all.map(({ seq }) => seq),
          readBy(records.filter(CallArchive.isLasting), userId, 0).map(({ seq }) => seq)
        )
        for (let known = 0; known <= call.seq; known += 1) {
          let seen = known
          for (const { audience, seq } of readBy(timeline, userId, known)) {
            assert.isAtMost(audience[userId] ?? 0, seen)
            seen = seq
          }
          // The last event that a user saw is one that stays.
          assert.isAtLeast(seen, participation(call, userId)?.lastSeq ?? 0)
        }
      }
    },
    { arbitrary: { runs: 120, size: 80 } }
  )
})
