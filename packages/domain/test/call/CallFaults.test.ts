import {
  type Actor,
  type CallAppend,
  CallClock,
  CallConnections,
  CallId,
  CallLeases,
  CallRepository,
  type CallRequest,
  Calls,
  ConnectionId,
  HostId,
  participation
} from "@dchat/domain/call"
import type { UserId } from "@dchat/domain/identity"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, type Layer } from "effect"
import { TestClock } from "effect/testing"
import { type Fault, noFault, SharedCalls, startFailing, startHost, type TestHost } from "./support/CallHosts.ts"
import { ann, bob, by, cat } from "./support/callTestLayer.ts"

const test = (name: string, body: Effect.Effect<void, unknown, Layer.Success<typeof SharedCalls>>) =>
  it.effect(name, () => Effect.provide(body, SharedCalls))

const kept = Effect.fnUntraced(function*(id: CallId) {
  return yield* Effect.fromOption(yield* (yield* CallRepository).load(id))
})

const stateOf = (id: CallId, user: UserId) => Effect.map(kept(id), (call) => participation(call, user)?.state)

const ring = (host: TestHost, caller: Actor, callee: UserId) =>
  host.run(Effect.flatMap(Calls, ({ initiate }) => initiate(caller, { type: "audio", participants: [callee] }))).pipe(
    Effect.map(({ call }) => call.id)
  )

const execute = (host: TestHost, actor: Actor, id: CallId, request: CallRequest) =>
  host.run(Effect.flatMap(Calls, ({ execute }) => execute(actor, id, request)))

const sweep = (host: TestHost) => Effect.exit(host.run(Effect.flatMap(CallClock, ({ sweep }) => sweep)))

const of = (...operations: ReadonlyArray<string>): Fault => (operation) => operations.includes(operation)

/** Steps of this call cannot be kept. */
const appendsTo = (id: CallId): Fault => (operation, [steps]) =>
  operation === "append" && (steps as ReadonlyArray<CallAppend>).some(({ call }) => call.id === id)

const heldBy = ({ connection }: Actor) =>
  Effect.flatMap(CallLeases, ({ heldBy }) => connection ? heldBy(connection.id) : Effect.succeed([]))

describe("A fault", () => {
  test(
    "in a batch of lost leases stops neither the other leases nor the timers",
    Effect.gen(function*() {
      const [dead, host] = [yield* startHost, yield* startHost]
      yield* TestClock.adjust("10 seconds")
      const caller = yield* dead.socket(by(ann), "ann's")
      const id = yield* ring(dead, caller, bob)
      yield* execute(dead, yield* dead.socket(by(bob), "bob's"), id, { _tag: "Accept" })
      const leases = yield* CallLeases
      yield* host.fail(of("drop"))
      yield* Effect.forEach(Array.from({ length: 250 }, (_, index) => index), (index) =>
        leases.bind({
          callId: CallId.make(`01984ab2-0000-7000-8000-${`${index}`.padStart(12, "0")}`),
          userId: cat,
          connection: { id: ConnectionId.make(`cat's ${index}`), hostId: HostId.make("unknown") },
          seenAt: DateTime.makeUnsafe(index)
        }))
      yield* dead.kill
      yield* TestClock.adjust("25 seconds")
      assert.deepStrictEqual([yield* stateOf(id, ann), yield* stateOf(id, bob)], ["reconnecting", "reconnecting"])
      yield* TestClock.adjust("35 seconds")
      assert.deepInclude(yield* kept(id), { phase: "disconnected", endReason: "connection_lost" })
      yield* host.fail(noFault)
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(yield* leases.heldOn(HostId.make("unknown")), [])
    })
  )

  test(
    "in the search for lost leases stops no timer, and fails the round",
    Effect.gen(function*() {
      const host = yield* startHost
      const id = yield* ring(host, by(ann), bob)
      yield* host.fail(of("lost"))
      yield* TestClock.adjust("61 seconds")
      assert.deepInclude(yield* kept(id), { phase: "disconnected", endReason: "unreachable" })
      assert.isTrue(Exit.isFailure(yield* sweep(host)))
      yield* host.fail(noFault)
      assert.isTrue(Exit.isSuccess(yield* sweep(host)))
    })
  )

  test(
    "in one call fails no round, and a fault in all calls fails the round",
    Effect.gen(function*() {
      const host = yield* startHost
      const id = yield* ring(host, by(ann), bob)
      yield* host.fail(of("append", "claimDue"))
      yield* TestClock.adjust("61 seconds")
      yield* host.fail(appendsTo(id))
      assert.isTrue(Exit.isSuccess(yield* sweep(host)))
      yield* host.fail(of("claimDue"))
      yield* TestClock.adjust("11 seconds")
      yield* host.fail(of("append", "loadAll"))
      assert.isTrue(Exit.isFailure(yield* sweep(host)))
      assert.strictEqual((yield* kept(id)).phase, "initiated")
      yield* host.fail(noFault)
      yield* TestClock.adjust("11 seconds")
      assert.strictEqual((yield* kept(id)).phase, "disconnected")
    })
  )

  test(
    "in postponing deadlines does not prevent the start of a host, which postpones them later",
    Effect.gen(function*() {
      const first = yield* startHost
      const callee = yield* first.socket(by(bob), "bob's")
      const id = yield* ring(first, yield* first.socket(by(ann), "ann's"), bob)
      yield* execute(first, callee, id, { _tag: "Accept" })
      yield* first.run(Effect.flatMap(CallConnections, ({ disconnect }) => disconnect(callee.connection.id)))
      yield* TestClock.adjust("20 seconds")
      yield* first.kill
      yield* (yield* CallLeases).removeHost(callee.connection.hostId)
      const second = yield* startFailing(of("dueBefore"))
      yield* TestClock.adjust("12 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* second.fail(noFault)
      yield* TestClock.adjust("25 seconds")
      assert.strictEqual(yield* stateOf(id, bob), "reconnecting")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* kept(id)).endReason, "connection_lost")
    })
  )

  test(
    "in the notice that the callee is busy is repaired within seconds by any live host",
    Effect.gen(function*() {
      const [one, other] = [yield* startHost, yield* startHost]
      yield* TestClock.adjust("10 seconds")
      const [first, second] = [yield* ring(other, by(ann), bob), yield* ring(other, by(cat), bob)]
      yield* one.fail(of("openCallsOf"))
      yield* execute(one, by(bob), first, { _tag: "Accept" })
      yield* one.kill
      yield* TestClock.adjust("6 seconds")
      assert.deepInclude(yield* kept(second), { phase: "disconnected", endReason: "busy" })
      assert.strictEqual((yield* kept(first)).phase, "connected")
    })
  )

  test(
    "in binding a lease leaves no open connection without a lease, even if its client is silent",
    Effect.gen(function*() {
      const host = yield* startHost
      const id = yield* ring(host, by(ann), bob)
      const caller = yield* host.socket(by(ann), "ann's")
      yield* host.fail(of("bind"))
      const connecting = host.run(Effect.flatMap(CallConnections, ({ connect }) => connect(caller, id, false)))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(connecting)))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* heldBy(caller), [])
      yield* host.fail(noFault)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* heldBy(caller)).map(({ callId }) => callId), [id])
    })
  )

  test(
    "in accepting by a connection does not prevent the connection from holding the place of the user",
    Effect.gen(function*() {
      const host = yield* startHost
      const id = yield* ring(host, yield* host.socket(by(ann), "ann's"), bob)
      const callee = yield* host.socket(by(bob), "bob's")
      yield* host.fail(appendsTo(id))
      assert.isTrue(Exit.isFailure(yield* Effect.exit(execute(host, callee, id, { _tag: "Accept" }))))
      yield* host.fail(noFault)
      yield* execute(host, by(bob), id, { _tag: "Accept" })
      yield* execute(host, callee, id, { _tag: "ChangeMedia", audio: true })
      assert.deepStrictEqual((yield* heldBy(callee)).map(({ callId }) => callId), [id])
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* stateOf(id, bob), "joining")
    })
  )
})
