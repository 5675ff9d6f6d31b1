import { type Actor, CallConnections, type CallId, CallRepository, Calls, participation } from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { SharedCalls, startHost, type TestHost } from "./support/CallHosts.ts"
import { ann, bob, by, cat, sdp } from "./support/callTestLayer.ts"

const test = (name: string, body: Effect.Effect<void, unknown, Layer.Success<typeof SharedCalls>>) =>
  it.effect(name, () => Effect.provide(body, SharedCalls))

const kept = Effect.fnUntraced(function*(id: CallId) {
  return yield* Effect.fromOption(yield* (yield* CallRepository).load(id))
})

const stateOf = (id: CallId, user: UserId) => Effect.map(kept(id), (call) => participation(call, user)?.state)

/** A direct call in which both users have a socket, each to another host. */
const talk = Effect.fnUntraced(function*(one: TestHost, other: TestHost) {
  const caller = yield* one.socket(by(ann), "ann's")
  const callee = yield* other.socket(by(bob), "bob's")
  const { id } = yield* one.run(
    Effect.flatMap(Calls, ({ initiate }) => initiate(caller, { type: "audio", participants: [bob] }))
  ).pipe(Effect.map(({ call }) => call))
  yield* other.run(Effect.flatMap(Calls, ({ execute }) => execute(callee, id, { _tag: "Accept" })))
  return { id, caller, callee }
})

const disconnect = (host: TestHost, { connection }: Actor) =>
  host.run(Effect.flatMap(CallConnections, ({ disconnect }) => connection ? disconnect(connection.id) : Effect.void))

const connect = (host: TestHost, actor: Actor & Required<Pick<Actor, "connection">>, id: CallId) =>
  host.run(
    Effect.flatMap(CallConnections, (connections) =>
      connections.connect({ ...actor, connection: actor.connection! }, id, false))
  )

describe("An outage", () => {
  test(
    "of the database for 20 seconds ends no call whose users are connected",
    Effect.gen(function*() {
      const host = yield* startHost
      const { id } = yield* talk(host, host)
      yield* host.cutOff(true)
      yield* TestClock.adjust("20 seconds")
      yield* host.cutOff(false)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* kept(id)).phase, "connected")
      assert.deepStrictEqual([yield* stateOf(id, ann), yield* stateOf(id, bob)], ["joining", "joining"])
    })
  )

  test(
    "of the database for all hosts makes no host consider another host dead",
    Effect.gen(function*() {
      const [one, other] = [yield* startHost, yield* startHost]
      yield* TestClock.adjust("10 seconds")
      const { id } = yield* talk(one, other)
      yield* one.cutOff(true)
      yield* other.cutOff(true)
      yield* TestClock.adjust("30 seconds")
      yield* one.cutOff(false)
      yield* TestClock.adjust("3 seconds")
      yield* other.cutOff(false)
      yield* TestClock.adjust("2 minutes")
      const { phase, seq } = yield* kept(id)
      assert.strictEqual(phase, "connected")
      assert.deepStrictEqual([yield* stateOf(id, ann), yield* stateOf(id, bob)], ["joining", "joining"])
      assert.strictEqual(seq, 3)
    })
  )

  test(
    "gives a reconnecting user 30 seconds from the end of the outage",
    Effect.gen(function*() {
      const host = yield* startHost
      const { callee, id } = yield* talk(host, host)
      yield* disconnect(host, callee)
      yield* TestClock.adjust("5 seconds")
      yield* host.cutOff(true)
      yield* TestClock.adjust("28 seconds")
      yield* host.cutOff(false)
      yield* TestClock.adjust("25 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* TestClock.adjust("10 seconds")
      assert.deepInclude(yield* kept(id), { phase: "disconnected", endReason: "connection_lost" })
    })
  )

  test(
    "loses no user who used REST before it, and loses those who do not use REST for a minute after it",
    Effect.gen(function*() {
      const host = yield* startHost
      const { call: { id } } = yield* host.run(
        Effect.flatMap(Calls, ({ initiate }) => initiate(by(ann), { type: "audio", participants: [bob] }))
      )
      yield* host.run(Effect.flatMap(Calls, ({ execute }) => execute(by(bob), id, { _tag: "Accept" })))
      yield* host.cutOff(true)
      yield* TestClock.adjust("2 minutes")
      yield* host.cutOff(false)
      yield* TestClock.adjust("55 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "joining")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
    })
  )

  test(
    "during which a connection closes loses the user of that connection afterwards",
    Effect.gen(function*() {
      const host = yield* startHost
      const { callee, id } = yield* talk(host, host)
      yield* host.cutOff(true)
      yield* disconnect(host, callee)
      yield* TestClock.adjust("3 seconds")
      yield* host.cutOff(false)
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
    })
  )

  test(
    "of one host makes another host lose its users, who return with the host without a message of their own",
    Effect.gen(function*() {
      const [one, other] = [yield* startHost, yield* startHost]
      yield* TestClock.adjust("10 seconds")
      const { id } = yield* talk(one, other)
      yield* other.cutOff(true)
      yield* TestClock.adjust("25 seconds")
      assert.deepStrictEqual([yield* stateOf(id, ann), yield* stateOf(id, bob)], ["joining", "reconnecting"])
      yield* other.cutOff(false)
      yield* TestClock.adjust("7 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "joining")
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* kept(id)).phase, "connected")
    })
  )

  test(
    "by a kill and a restart within seconds gives a reconnecting user 30 seconds",
    Effect.gen(function*() {
      const first = yield* startHost
      const { callee, id } = yield* talk(first, first)
      yield* disconnect(first, callee)
      yield* TestClock.adjust("20 seconds")
      yield* first.kill
      yield* TestClock.adjust("12.7 seconds")
      const second = yield* startHost
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* connect(second, yield* second.socket(by(bob), "bob's next"), id)
      yield* connect(second, yield* second.socket(by(ann), "ann's next"), id)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* kept(id)).phase, "connected")
    })
  )

  test(
    "does not excuse a host that starts beside a live host",
    Effect.gen(function*() {
      const first = yield* startHost
      const { callee, id } = yield* talk(first, first)
      yield* disconnect(first, callee)
      yield* TestClock.adjust("20 seconds")
      yield* startHost
      yield* TestClock.adjust("11 seconds")
      assert.strictEqual((yield* kept(id)).endReason, "connection_lost")
    })
  )

  test(
    "of a host that does not return ends the calls of its users",
    Effect.gen(function*() {
      const [one, other] = [yield* startHost, yield* startHost]
      yield* TestClock.adjust("10 seconds")
      const { id } = yield* talk(one, other)
      yield* other.kill
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* TestClock.adjust("31 seconds")
      assert.deepInclude(yield* kept(id), { phase: "disconnected", endReason: "connection_lost" })
    })
  )
})

describe("A user", () => {
  test(
    "stays in a call for as long as one of two connections of the device is open",
    Effect.gen(function*() {
      const host = yield* startHost
      const { callee, id } = yield* talk(host, host)
      const second = yield* host.socket(by(bob), "bob's second")
      yield* connect(host, second, id)
      yield* disconnect(host, second)
      yield* TestClock.adjust("2 minutes")
      assert.deepStrictEqual([(yield* kept(id)).phase, yield* stateOf(id, bob)], ["connected", "joining"])
      yield* disconnect(host, callee)
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
    })
  )

  test(
    "is lost with the last connection of the device, even if another device is connected",
    Effect.gen(function*() {
      const host = yield* startHost
      const { callee, id } = yield* talk(host, host)
      yield* connect(host, yield* host.socket(by(bob, "tablet"), "bob's tablet"), id)
      yield* disconnect(host, callee)
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
    })
  )

  test(
    "stays for as long as the socket after placing a call by REST without a device",
    Effect.gen(function*() {
      const host = yield* startHost
      const { call: { id } } = yield* host.run(
        Effect.flatMap(Calls, ({ initiate }) => initiate({ userId: ann }, { type: "audio", participants: [bob] }))
      )
      const [caller, callee] = [yield* host.socket(by(ann), "ann's"), yield* host.socket(by(bob), "bob's")]
      const execute = (actor: Actor, request: Parameters<Calls["Service"]["execute"]>[2]) =>
        host.run(Effect.flatMap(Calls, ({ execute }) => execute(actor, id, request)))
      yield* execute(callee, { _tag: "Accept" })
      yield* execute(caller, { _tag: "ChangeMedia", audio: true })
      yield* TestClock.adjust("5 minutes")
      assert.strictEqual(yield* stateOf(id, ann), "joining")
      yield* disconnect(host, caller)
      assert.strictEqual(yield* stateOf(id, ann), "reconnecting")
    })
  )

  test(
    "returns with the next message on an open connection after being lost",
    Effect.gen(function*() {
      const [one, other] = [yield* startHost, yield* startHost]
      yield* TestClock.adjust("10 seconds")
      const { callee, id } = yield* talk(one, other)
      // As if another host had taken this one for dead, which does not know of it.
      yield* disconnect(one, callee)
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* other.run(
        Effect.flatMap(Calls, ({ execute }) => execute(callee, id, { _tag: "ChangeMedia", audio: true }))
      )
      assert.strictEqual(yield* stateOf(id, bob), "joining")
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* kept(id)).phase, "connected")
    })
  )

  test(
    "stays for as long as an open connection after rejoining a group by REST",
    Effect.gen(function*() {
      const host = yield* startHost
      const [caller, callee] = [yield* host.socket(by(ann), "ann's"), yield* host.socket(by(bob), "bob's")]
      const { call } = yield* host.run(
        Effect.flatMap(Calls, ({ initiate }) => initiate(caller, { type: "audio", participants: [bob, cat] }))
      )
      const execute = (actor: Actor, request: Parameters<Calls["Service"]["execute"]>[2]) =>
        host.run(Effect.flatMap(Calls, ({ execute }) => execute(actor, call.id, request)))
      yield* execute(callee, { _tag: "Accept" })
      yield* execute(callee, { _tag: "Leave" })
      const rejoined = yield* execute(by(bob), { _tag: "Join" })
      yield* host.run(Effect.flatMap(CallConnections, ({ renew }) => renew(callee, rejoined)))
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* stateOf(call.id, bob), "joining")
    })
  )

  test(
    "has 30 seconds to sign in again after the session ends, even with working media, and later messages do not count",
    Effect.gen(function*() {
      const host = yield* startHost
      const { callee, caller, id } = yield* talk(host, host)
      const execute = (actor: Actor, request: Parameters<Calls["Service"]["execute"]>[2]) =>
        host.run(Effect.flatMap(Calls, ({ execute }) => execute(actor, id, request)))
      yield* execute(caller, { _tag: "Offer", sdp: sdp("1") })
      yield* execute(callee, { _tag: "Answer", sdp: sdp("2") })
      yield* execute(caller, { _tag: "ReportLink", state: "up" })
      yield* host.run(Effect.flatMap(CallConnections, ({ signOut }) => signOut(callee.connection!.id)))
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* execute(callee, { _tag: "ChangeMedia", audio: true })
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* TestClock.adjust("2 seconds")
      assert.deepInclude(yield* kept(id), { phase: "disconnected", endReason: "connection_lost" })
    })
  )

  test(
    "has 30 seconds from the end of the session if the connection was lost before, even with working media",
    Effect.gen(function*() {
      const host = yield* startHost
      const { callee, caller, id } = yield* talk(host, host)
      const execute = (actor: Actor, request: Parameters<Calls["Service"]["execute"]>[2]) =>
        host.run(Effect.flatMap(Calls, ({ execute }) => execute(actor, id, request)))
      yield* execute(caller, { _tag: "Offer", sdp: sdp("1") })
      yield* execute(callee, { _tag: "Answer", sdp: sdp("2") })
      yield* execute(caller, { _tag: "ReportLink", state: "up" })
      const onEnd = yield* host.run(
        Effect.flatMap(CallConnections, ({ disconnect }) => disconnect(callee.connection!.id))
      )
      yield* TestClock.adjust("100 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* Option.getOrThrow(onEnd)
      yield* TestClock.adjust("29 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* TestClock.adjust("2 seconds")
      assert.deepInclude(yield* kept(id), { phase: "disconnected", endReason: "connection_lost" })
    })
  )
})
