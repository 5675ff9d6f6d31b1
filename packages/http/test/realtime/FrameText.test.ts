/**
 * The text of frames beside their contract.
 */
import type { Call } from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { numbersFor, play, type Turn } from "../../../domain/test/call/support/randomCalls.ts"
import { envelopeOf, inboxOf } from "../../src/api/CallEnvelope.ts"
import { viewOf } from "../../src/api/CallView.ts"
import { ServerFrame } from "../../src/api/RealtimeFrames.ts"
import { callReplyText, frameText } from "../../src/realtime/FrameText.ts"

const encode = Schema.encodeUnknownSync(ServerFrame)

const framesOf = (call: Call, { records }: Turn): ReadonlyArray<ServerFrame> => {
  const deliveries = records.map((record) => ({ record, signal: Option.none() }))
  const readers = call.participants.map(({ device, userId }) => ({ userId, device }))
  return [
    {
      type: "call.snapshot",
      callId: call.id,
      seq: call.seq,
      call: viewOf(call),
      inbox: readers.flatMap(({ userId }) => inboxOf(call, deliveries, userId))
    },
    ...readers.flatMap((reader) =>
      deliveries.flatMap((delivery): ReadonlyArray<ServerFrame> => {
        const envelope = envelopeOf(call.id, delivery, reader)
        return Option.isSome(envelope) ? [{ type: "call.event", ...envelope.value }] : []
      })
    )
  ]
}

describe("The text of a frame", () => {
  it("is what the contract says, for every state and event of random calls", () => {
    const types = new Set<string>()
    for (let index = 0; index < 80; index += 1) {
      for (const turn of play(numbersFor(2026, index)).turns) {
        if (turn.after === undefined) continue
        for (const frame of framesOf(turn.after, turn)) {
          types.add(frame.type === "call.event" ? frame.event.type : frame.type)
          assert.deepStrictEqual(JSON.parse(frameText(frame)), encode(frame))
        }
        const reply = { type: "reply", ok: true, result: viewOf(turn.after) } as const
        assert.deepStrictEqual(JSON.parse(callReplyText(undefined, turn.after)), encode(reply))
        assert.deepStrictEqual(JSON.parse(callReplyText("\"1\"", turn.after)), encode({ ...reply, id: "\"1\"" }))
      }
    }
    assert.isAtLeast(types.size, 22)
  })
})
