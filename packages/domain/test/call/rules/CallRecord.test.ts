import { Call, type CallEvent, CallRecord, participation, record, replay } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { atSecond, beginning, given, type History, recordsOf, wait } from "../support/given.ts"
import {
  acceptedAmong,
  annBobAndCid,
  annCallsBob,
  annCallsGroup,
  annSeesBob,
  annTalksToBob,
  answer,
  ended,
  groupInitiated,
  invited,
  left,
  limits,
  linkEvent,
  linkUp,
  offer,
  onPhone,
  reconnecting,
  resumed,
  ringing
} from "../support/history.ts"
import { ann, bob, cid, dee, laptop } from "../support/people.ts"

/** The users who see an event that follows a history. */
const sees = (event: CallEvent, ...history: History): ReadonlyArray<string> =>
  Object.keys(recordsOf(given(...history, event)).at(-1)?.audience ?? {})

/** The predecessor that each event names to a user: [seq, after]. */
const seenBy = (user: UserId, ...history: History) =>
  recordsOf(given(...history)).flatMap(({ audience, seq }) => {
    const after = audience[user]
    return after === undefined ? [] : [[seq, after]]
  })

const throughJson = <A, I>(schema: Schema.Codec<A, I>, value: A): A => {
  const codec = Schema.toCodecJson(schema)
  return Schema.decodeUnknownSync(codec)(JSON.parse(JSON.stringify(Schema.encodeSync(codec)(value))))
}

const everybody = [ann, bob, cid]

describe("CallRecord", () => {
  it("numbers the events of a call from 1 without a gap", () => {
    const over = given(annSeesBob, left(bob, "hangup"), ended("hangup"))
    assert.deepStrictEqual(recordsOf(over).map(({ seq }) => seq), [1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.strictEqual(over.state.seq, 9)
  })

  it("keeps the time of each event, and never goes back", () => {
    const records = recordsOf(given(annCallsBob, wait(10), ringing(bob), wait(-5), offer(ann, bob)))
    assert.deepStrictEqual(records.map(({ at }) => at), [beginning, beginning, atSecond(10), atSecond(10)])
  })

  it("continues the numbers of an existing call", () => {
    const before = given(annTalksToBob)
    const { records } = record(before.state, [left(bob, "hangup"), ended("hangup")], atSecond(20))
    assert.deepStrictEqual(records.map(({ at, seq }) => [seq, at]), [[5, atSecond(20)], [6, atSecond(20)]])
  })

  describe("the predecessor that each event names for each user", () => {
    it("is zero for the first event", () => {
      assert.deepStrictEqual(seenBy(ann, annCallsBob), [[1, 0], [2, 1]])
      assert.deepStrictEqual(seenBy(bob, annCallsBob), [[2, 0]])
    })

    it("skips events that the user does not see", () => {
      const talk = [annBobAndCid, offer(cid, ann), offer(cid, bob), answer(ann, cid), answer(bob, cid)]
      const last = [...talk, reconnecting(ann)]
      assert.deepStrictEqual(seenBy(ann, last.flat()).slice(-2), [[6, 5], [10, 6]])
      assert.deepStrictEqual(seenBy(bob, last.flat()).slice(-2), [[7, 5], [10, 7]])
      assert.deepStrictEqual(seenBy(cid, last.flat()).slice(-3), [[8, 5], [9, 8], [10, 9]])
    })

    it("includes events of an earlier presence", () => {
      const back = seenBy(cid, annBobAndCid, left(cid, "hangup"), offer(bob, ann), acceptedAmong(cid, ann, bob))
      assert.deepStrictEqual(back.slice(-2), [[6, 5], [8, 6]])
    })

    it("starts with the invitation for a user who is invited later", () => {
      assert.deepStrictEqual(seenBy(cid, annTalksToBob, invited(cid, { kind: "group" })), [[5, 0]])
    })
  })

  describe("the audience", () => {
    it("has all active and invited users for events that concern everybody", () => {
      const all: ReadonlyArray<CallEvent> = [
        invited(dee, { kind: "group" }),
        ringing(cid),
        acceptedAmong(cid, ann, bob),
        reconnecting(ann),
        resumed(ann),
        { _tag: "MediaChanged", userId: ann, changes: { audio: true } },
        { _tag: "RecordingStarted", by: bob },
        { _tag: "RecordingStopped", by: bob },
        { _tag: "GlareMerged", by: bob },
        { _tag: "CallEnding", at: atSecond(100) },
        { _tag: "LimitsRaised", limits: limits(), endsAt: atSecond(86_400) },
        left(cid, "declined"),
        left(bob, "hangup"),
        ended("ended_by_host", ann)
      ]
      for (const event of all) {
        const seen = sees(event, annCallsGroup(bob, cid), acceptedAmong(bob, ann))
        assert.deepStrictEqual(seen, event._tag === "Invited" ? [...everybody, dee] : everybody, event._tag)
      }
    })

    it("has only the addressee for a signal", () => {
      assert.deepStrictEqual(sees(offer(cid, bob), annBobAndCid), [bob])
      assert.deepStrictEqual(sees(answer(bob, cid), annBobAndCid, offer(cid, bob)), [cid])
      const candidates = { _tag: "Candidates", from: cid, to: bob, negotiation: 1, digests: ["c1"] } as const
      assert.deepStrictEqual(sees(candidates, annBobAndCid, offer(cid, bob)), [bob])
      assert.deepStrictEqual(sees(offer(ann, bob), annCallsBob), [bob])
    })

    it("has the two ends for an event of a link", () => {
      for (const tag of ["LinkUp", "LinkDown", "LinkFailed", "NegotiationExpired"] as const) {
        assert.deepStrictEqual(sees(linkEvent(tag, bob, cid), annBobAndCid), [bob, cid])
      }
      assert.deepStrictEqual(sees(linkUp(ann, bob), annTalksToBob), [ann, bob])
    })

    it("has only the user for a device, and no user for postponed deadlines", () => {
      assert.deepStrictEqual(sees({ _tag: "DeviceBound", userId: bob, device: laptop }, annBobAndCid), [bob])
      assert.deepStrictEqual(sees({ _tag: "DeadlinesPostponed", until: atSecond(99) }, annBobAndCid), [])
    })

    it("no longer has users who have left", () => {
      assert.deepStrictEqual(sees(reconnecting(ann), annBobAndCid, left(bob, "hangup")), [ann, cid])
      assert.deepStrictEqual(sees(ended("ended_by_host", ann), annBobAndCid, left(bob, "hangup")), [ann, cid])
    })

    it("never has a user who was busy from the beginning", () => {
      assert.deepStrictEqual(sees(left(bob, "busy"), annCallsGroup(cid)), [ann, cid])
      assert.deepStrictEqual(sees(ended("busy"), groupInitiated(), left(bob, "busy")), [ann])
    })

    it("does not have the callee of a suppressed invitation, until the callee joins", () => {
      const suppressed = [...annCallsGroup(cid), invited(bob, { kind: "group", suppressed: true }), offer(ann, bob)]
      assert.deepStrictEqual(seenBy(bob, suppressed, ringing(cid), left(bob, "unreachable")), [])
      assert.deepStrictEqual(seenBy(bob, suppressed, acceptedAmong(bob, ann)), [[5, 0]])
    })

    it("has the invited users for the end of the call", () => {
      assert.deepStrictEqual(sees(ended("cancelled", ann), annCallsBob), [ann, bob])
    })
  })

  describe("a replay", () => {
    const history = given(annSeesBob, wait(3), reconnecting(bob), wait(4), invited(cid, { kind: "group" }))
    const call = history.state
    const records = recordsOf(history)

    it("leads to the same call", () => {
      assert.deepStrictEqual(replay(records), call)
    })

    it("leads to no call without events", () => {
      assert.isUndefined(replay([]))
    })

    it("leads to the same call from stored events", () => {
      const stored = throughJson(Schema.Array(CallRecord), records)
      assert.deepStrictEqual(stored, records)
      assert.deepStrictEqual(replay(stored), call)
    })

    it("leads to a call that can be stored itself", () => {
      assert.deepStrictEqual(throughJson(Call, call), call)
    })

    it("leads to the same call whether its events were decided or given", () => {
      const decided = given(annTalksToBob).when({ _tag: "Leave", ...onPhone(bob) })
      assert.deepStrictEqual(decided.state, given(annTalksToBob, left(bob, "hangup"), ended("hangup")).state)
      assert.strictEqual(participation(decided.state, ann)?.lastSeq, 6)
      assert.strictEqual(participation(decided.state, bob)?.lastSeq, 5)
    })
  })
})
