import type { CallRequest } from "@dchat/domain/call"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { clientFrames, requestOf } from "../src/api/RealtimeFrames.ts"
import { readFrame } from "../src/realtime/ReadFrame.ts"
import { CloseCode } from "../src/realtime/RealtimeSocket.ts"
import { codeOf, online, promise } from "./support/talking.ts"
import { memoryHost, TestHost } from "./support/TestHost.ts"

const callId = "01984ab2-0000-7000-8000-0000000000ff"
const userId = "01984ab2-0000-7000-8000-0000000000aa"
const host = { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "0", sdpMLineIndex: 0 }
const end = { candidate: "", sdpMid: "0", sdpMLineIndex: 0 }

const readText = (frame: object) => readFrame(JSON.stringify(frame))

const requested = (frame: object) => {
  const read = Result.getOrThrow(readText({ type: "call.candidates", callId, ...frame }))
  assert(read.type === "call.candidates")
  return requestOf(read)
}

const asked = (candidates: ReadonlyArray<typeof end>, isEnd: boolean): CallRequest => ({
  _tag: "Candidates",
  candidates,
  ...(isEnd && { endOfCandidates: true as const })
})

/** A frame of each type with all that may be left out. */
const whole: ReadonlyArray<Record<string, unknown> & { readonly type: string }> = [
  { type: "hello", device: "d", capabilities: ["reportsMedia"], resume: { [callId]: 1 } },
  { type: "ping" },
  { type: "call.initiate", callType: "audio", participants: [userId], groupId: callId, idempotencyKey: "k" },
  ...["alert", "accept", "cancel", "leave", "join"].map((name) => ({ type: `call.${name}`, callId })),
  { type: "call.decline", callId, reason: "busy" },
  { type: "call.end", callId, forEveryone: true },
  { type: "call.invite", callId, userId },
  { type: "call.kick", callId, userId },
  { type: "call.media", callId, audio: true, video: true, screen: true, hold: true },
  { type: "call.recording", callId, action: "start" },
  { type: "call.offer", callId, sdp: "v=0", to: userId, negotiation: 1 },
  { type: "call.answer", callId, sdp: "v=0", to: userId, negotiation: 1 },
  {
    type: "call.candidates",
    callId,
    candidates: [host],
    candidate: host,
    endOfCandidates: true,
    to: userId,
    negotiation: 1
  },
  { type: "call.link", callId, with: userId, state: "up" }
]

const required = new Set(["type", "callId", "device", "callType", "participants", "userId", "action", "sdp", "state"])

describe("A frame", () => {
  it("may have null for each optional member, and unknown members", () => {
    assert.sameMembers(whole.map(({ type }) => type), [...clientFrames.keys()])
    for (const frame of whole) {
      const full = { ...frame, id: "7", unknown: { deep: [null] } }
      const { unknown: _, ...known } = full
      assert.deepStrictEqual<unknown>(Result.getOrThrow(readText(full)), known, frame.type)
      for (const name of Object.keys(known)) {
        if (required.has(name)) continue
        const { [name]: _, ...without } = known as Record<string, unknown>
        const left = name === "candidate" ? known : without
        const read = Result.getOrThrow(readText({ ...full, [name]: null }))
        assert.deepStrictEqual<unknown>(read, { ...left, ...(name === "candidate" && { candidate: null }) }, name)
      }
    }
  })

  it("accepts candidates as browsers pass them to scripts", () => {
    assert.deepStrictEqual(requested({ candidate: null }), asked([], true))
    assert.deepStrictEqual(requested({ candidates: [host, null] }), asked([host], true))
    assert.deepStrictEqual(
      requested({ candidates: [host], candidate: null, endOfCandidates: null }),
      asked([host], false)
    )
    assert.deepStrictEqual(requested({ candidates: null, candidate: null }), asked([], true))
    assert.deepStrictEqual(requested({ candidates: [host], endOfCandidates: false }), asked([host], false))
    assert.deepStrictEqual(requested({ candidate: host }), asked([host], false))
    assert.deepStrictEqual(requested({ candidate: end }), asked([end], false))
    assert.deepStrictEqual(requested({ candidates: [], endOfCandidates: true }), asked([], true))
  })

  const pathsOf = (data: string | Uint8Array) => {
    const { error, id, isForeign } = Result.getOrThrow(Result.flip(readFrame(data)))
    return { paths: error.issues.map(({ path }) => path), isForeign, ...(id !== undefined && { id }) }
  }

  it("is answered with the place of the error, and whether its type is known", () => {
    assert.deepStrictEqual(pathsOf("not json"), { paths: [[]], isForeign: true })
    assert.deepStrictEqual(pathsOf("null"), { paths: [[]], isForeign: true })
    assert.deepStrictEqual(pathsOf(new Uint8Array([1])), { paths: [[]], isForeign: true })
    assert.deepStrictEqual(pathsOf(`{"id":"7"}`), { paths: [["type"]], isForeign: true, id: "7" })
    assert.deepStrictEqual(pathsOf(`{"type":"constructor"}`), { paths: [["type"]], isForeign: true })
    assert.deepStrictEqual(pathsOf(`{"type":"call.accept","id":"8"}`), {
      paths: [["callId"]],
      isForeign: false,
      id: "8"
    })
    assert.deepStrictEqual(
      pathsOf(JSON.stringify({ type: "call.candidates", callId, candidates: [host, { candidate: 5 }] })),
      { paths: [["candidates", 1, "candidate"]], isForeign: false }
    )
    assert.deepStrictEqual(pathsOf(JSON.stringify({ type: "call.candidates", callId })), {
      paths: [[]],
      isForeign: false
    })
  })

  it("is not quoted in the answer", () => {
    const secret = "candidate-of-somebody"
    const read = readText({ type: "call.candidates", callId, candidates: [{ candidate: [secret] }], to: secret })
    assert.notInclude(JSON.stringify(Result.getOrThrow(Result.flip(read))), secret)
  })
})

layer(memoryHost())("Invalid frames", (it) => {
  it.effect("of a known type close nothing, and a valid frame resets the count", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const client = yield* online(yield* signIn(), "a")
      for (let index = 0; index < 20; index++) client.send({ type: "call.candidates", callId, candidates: 5 })
      for (let index = 0; index < 9; index++) client.send("nonsense")
      client.send({ type: "ping" })
      for (let index = 0; index < 9; index++) client.send("nonsense")
      const pong = yield* promise(() => client.request({ type: "ping" }))
      assert.strictEqual(pong.type, "pong")
      const problems = client.frames.filter(({ type }) => type === "reply")
      assert.deepStrictEqual(problems.map(codeOf), Array.from({ length: 38 }, () => "invalid_frame"))
      for (let index = 0; index < 10; index++) client.send({ type: "call.explode" })
      assert.strictEqual(yield* promise(() => client.closed), CloseCode.policyViolation)
    }))

  it.effect("are answered with the path of the error", () =>
    Effect.gen(function*() {
      const { signIn } = yield* TestHost
      const client = yield* online(yield* signIn(), "a")
      const reply = yield* promise(() => client.request({ type: "call.media", callId, audio: "yes" }))
      assert.deepInclude(reply["problem"] as object, { code: "invalid_frame", status: 400 })
      assert.deepStrictEqual(
        (reply["problem"] as { issues: ReadonlyArray<{ path: unknown }> }).issues.map(({ path }) => path),
        [["audio"]]
      )
    }))
})
