import { MemoryCallBus } from "@dchat/adapters/memory"
import {
  CallDirectory,
  CallEntitlement,
  type CallLeases,
  CallPolicy,
  type CallRepository,
  Calls,
  FinishedCalls,
  layerCallServices,
  participation,
  RingLimit
} from "@dchat/domain/call"
import type { IdempotencyKeys } from "@dchat/domain/idempotency"
import type { UserId } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { Array, Context, DateTime, Effect, Layer } from "effect"
import { someone } from "../../domain/src/contracts/support/callSteps.ts"
import { Cryptography } from "../src/crypto/index.ts"

const Surroundings = Layer.mergeAll(
  MemoryCallBus.layer,
  CallPolicy.layerOpen,
  CallEntitlement.layerUnlimited,
  RingLimit.layerUnlimited,
  Layer.succeed(CallDirectory, {
    known: (users) => Effect.succeed(new Set(users)),
    aliases: (user) => Effect.succeed([user])
  }),
  Cryptography
)

/** A host of its own over what all hosts share. */
const host = Effect.map(
  Layer.build(Layer.fresh(layerCallServices.pipe(Layer.provide(Surroundings)))),
  (services) => Context.get(services, Calls)
)

/** What two hosts make of people who do things at the same time. */
export const callServiceRacesContract = <E>(
  name: string,
  subject: Layer.Layer<CallRepository | CallLeases | FinishedCalls | IdempotencyKeys, E>
) =>
  layer(subject, { excludeTestServices: true })(`Calls of two hosts over ${name}`, (it) => {
    it.effect("make one connected call of two calls when two users call each other, 200 times", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* host, yield* host]
        const phases = yield* Effect.forEach(
          Array.range(1, 200),
          Effect.fnUntraced(function*(index) {
            const [ann, bob] = [someone(), someone()]
            const place = (calls: Calls["Service"], from: UserId, to: UserId) =>
              calls.initiate({ userId: from }, { type: "audio", participants: [to] })
            const placed = yield* Effect.all([
              place(one, ann, bob),
              place(index % 2 === 0 ? one : other, bob, ann)
            ], { concurrency: 2 })
            const open = yield* one.openCallsOf(ann)
            assert.deepStrictEqual(
              new Set(placed.map(({ call }) =>
                call.id
              )),
              new Set(open.map(({ id }) => id))
            )
            return open.map(({ phase }) => phase)
          }),
          { concurrency: 8 }
        )
        assert.deepStrictEqual(phases, Array.makeBy(200, () => ["connected"]))
      }), 60_000)

    it.effect("stop ringing a user who answers another call while this call arrives, 40 times", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* host, yield* host]
        yield* Effect.forEach(
          Array.range(1, 40),
          Effect.fnUntraced(function*() {
            const [ann, bob, cat] = [someone(), someone(), someone()]
            const { call } = yield* one.initiate({ userId: ann }, { type: "audio", participants: [bob] })
            yield* Effect.all([
              one.execute({ userId: bob }, call.id, { _tag: "Accept" }),
              other.initiate({ userId: cat }, { type: "audio", participants: [bob] })
            ], { concurrency: 2 })
            const states = (yield* one.openCallsOf(bob)).map((open) =>
              participation(open, bob)?.state
            )
            assert.deepStrictEqual(states, ["joining"])
          }),
          { concurrency: 8 }
        )
      }), 60_000)

    it.effect("refuse a late candidate on a host that remembers a finished call as open, and repeat its placing", () =>
      Effect.gen(function*() {
        const [one, other] = [yield* host, yield* host]
        const { move } = yield* FinishedCalls
        const [ann, bob] = [someone(), someone()]
        const place = one.initiate({ userId: ann }, { type: "audio", participants: [bob] }, "key")
        const { call: { id } } = yield* place
        yield* one.execute({ userId: bob }, id, { _tag: "Accept" })
        yield* other.get({ userId: bob }, id)
        yield* one.execute({ userId: ann }, id, { _tag: "Leave" })
        const later = DateTime.add(yield* DateTime.now, { hours: 1 })
        yield* Effect.repeat(move(later, 100), {
          while: (moved) =>
            moved === 100
        })
        const late = other.execute({ userId: bob }, id, {
          _tag: "Candidates",
          negotiation: 1,
          candidates: [{ candidate: "candidate:1 1 udp 1 192.0.2.1 1 typ host" }]
        })
        assert.strictEqual((yield* Effect.flip(late))._tag, "CallOver")
        const again = yield* place
        assert.deepStrictEqual([again.call.id, again.call.endReason, again.created], [id, "hangup", false])
        assert.deepStrictEqual(
          (yield* other.history(bob, {}, { limit: 9 })).map(({ call }) =>
            call.id
          ),
          [id]
        )
      }))
  })
