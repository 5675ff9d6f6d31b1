import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Result, Schema } from "effect"
import { deepStrictEqual } from "node:assert"
import { ClientFrame, clientFrames } from "../../src/api/RealtimeFrames.ts"
import { readQuickFrame } from "../../src/realtime/ReadQuickFrame.ts"

const quickTypes = ["call.alert", "call.offer", "call.answer", "call.candidates", "call.link", "call.media"] as const

const decoders = new Map([...clientFrames].map(([type, frame]) => [type, Schema.decodeUnknownResult(frame)]))

const isQuick = (type: unknown) => quickTypes.some((quick) => quick === type)

/** Undefined for another frame, and for a quick frame that its schema refuses. */
const bySchema = (frame: object): ClientFrame | undefined => {
  const type = "type" in frame && isQuick(frame.type) ? String(frame.type) : ""
  const decoded = decoders.get(type)?.(frame)
  return decoded && Result.isSuccess(decoded) ? decoded.success : undefined
}

/** Both decoders decode the frame to equal values, or refuse the frame. Returns whether they decode the frame. */
const readsAlike = (frame: object): boolean => {
  const expected = bySchema(frame)
  deepStrictEqual(readQuickFrame(frame), expected)
  return expected !== undefined
}

const uuid = "01984ab2-0000-7000-8000-0000000000ff"
const host = { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: "0", sdpMLineIndex: 0 }

const named = (names: string) => names.split(" ")

const names = [
  "type",
  ...named("id callId to with state sdp negotiation audio video screen hold candidate candidates endOfCandidates"),
  ...named("sdpMid sdpMLineIndex usernameFragment __proto__ constructor toString prototype unknown 0"),
  ""
]

const numbers = [0, -0, 1, -1, 0.5, 1.5, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e308, Infinity, -Infinity]

const texts = [
  ...named("up down UP 1 0 v=0 call.accept ping hello constructor __proto__"),
  ...quickTypes,
  ...[64, 65, 128, 129, 256, 257, 930, 1000, 1024, 1025].map((length) => "x".repeat(length)),
  ...["\n", "\"", "é", "😀"].flatMap((unit) => [20, 64, 128, 170, 512].map((times) => unit.repeat(times))),
  "",
  "\u2028",
  "\0",
  "a\0b",
  "\ud800",
  "\udc00x",
  "\udc00\ud800",
  uuid,
  uuid.toUpperCase(),
  uuid.replace("-7", "-4"),
  ` ${uuid}`,
  `${uuid}\n`
]

const candidates = [
  host,
  { candidate: "" },
  { candidate: "", sdpMid: null },
  { ...host, unknown: 1 },
  { ...host, candidate: "x".repeat(960) },
  { ...host, candidate: "\u0001".repeat(150) },
  { ...host, candidate: "\u0001".repeat(155), usernameFragment: null }
]

const lists = [[], [null], [[]], [{}], [host], [...candidates, null], [host, 5], Array.from({ length: 70 }, () => host)]

/** Values of JSON at and beyond each limit. `JSON.parse` makes -0 and infinite numbers as well. */
const values = [null, true, false, {}, { to: uuid }, ...numbers, ...texts, ...candidates, ...lists]

/** Not by assignment, which would take `__proto__` for the prototype. */
const put = <Struct extends object>(struct: Struct, name: string, value: unknown): Struct =>
  Object.defineProperty(struct, name, { value, enumerable: true, writable: true, configurable: true })

/** Puts a value in the place of a member or an item, adds it, or takes the member or item away. */
const Mutation = Schema.Struct({
  container: Schema.Natural,
  name: Schema.Union([Schema.Literals(names), Schema.Natural]),
  value: Schema.Union([Schema.Natural, Schema.Undefined])
})

const containersIn = (value: unknown): ReadonlyArray<object> =>
  typeof value === "object" && value !== null ? [value, ...Object.values(value).flatMap(containersIn)] : []

const itemOf = <A>(items: ReadonlyArray<A>, index: number): A | undefined => items[index % items.length]

const mutate = (frame: object, { container, name, value }: typeof Mutation.Type) => {
  const target = itemOf(containersIn(frame), container) ?? frame
  const own = Object.keys(target)
  const key = typeof name === "number" ? itemOf(own, name) ?? "0" : Array.isArray(target) ? String(own.length) : name
  if (value !== undefined) put(target, key, structuredClone(itemOf(values, value)))
  else if (Array.isArray(target)) target.splice(Number(key), 1)
  else Reflect.deleteProperty(target, key)
}

const valid = Arbitrary.schema(Schema.Union(ClientFrame.members.filter(({ fields }) => isQuick(fields.type.literal))))

const mutated = Arbitrary.map(
  Arbitrary.all([valid, Arbitrary.array(Arbitrary.schema(Mutation), { minLength: 1, maxLength: 6 })]),
  ([frame, mutations]): object => {
    const copy = structuredClone(frame)
    for (const mutation of mutations) mutate(copy, mutation)
    return copy
  }
)

const random = Arbitrary.map(
  Arbitrary.schema(Schema.Struct({
    type: Schema.Literals([...quickTypes, "call.accept", "ping", "hello"]),
    members: Schema.Array(Schema.Tuple([Schema.Literals(names.slice(1)), Schema.Json]))
  })),
  ({ members, type }) => ({ ...Object.fromEntries(members), type })
)

describe("A quick frame", () => {
  it.prop("that is valid is read like by its schema", [valid], ([frame]) => {
    assert.isTrue(readsAlike(frame))
  }, { arbitrary: { runs: 1000 } })

  it.prop("that was changed is read like by its schema, or refused by both", [mutated], ([frame]) => {
    readsAlike(frame)
  }, { arbitrary: { runs: 4000 } })

  it.prop("of random members is read like by its schema, or refused by both", [random], ([frame]) => {
    readsAlike(frame)
  }, { arbitrary: { runs: 1000 } })

  it("is read like by its schema with each value in the place of each member", () => {
    const whole = { callId: uuid, sdp: "v=0", state: "up", candidates: [host], to: uuid, with: uuid, negotiation: 1 }
    const frames = quickTypes.flatMap((type) => [{ type, ...whole }, { type, callId: uuid, endOfCandidates: true }])
    for (const name of names) {
      for (const value of values) {
        for (const frame of frames) readsAlike(put({ ...frame }, name, value))
        readsAlike({ ...whole, type: "call.candidates", candidates: [host, put({ ...host }, name, value)] })
      }
    }
  })

  it.effect("is accepted and refused often in these comparisons", () =>
    Effect.gen(function*() {
      const frames = yield* Arbitrary.sampleEffect(mutated, { count: 1000, seed: 1 })
      const accepted = frames.filter(readsAlike).length
      assert.isAbove(accepted, 200)
      assert.isBelow(accepted, 800)
    }))
})
