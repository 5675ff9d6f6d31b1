import { MemoryCallBus } from "@dchat/adapters/memory"
import { PgCalls } from "@dchat/adapters/postgres"
import {
  type Call,
  CallClock,
  CallDirectory,
  CallEntitlement,
  CallLeases,
  CallPolicy,
  CallRepository,
  layerCallServices,
  RingLimit
} from "@dchat/domain/call"
import { assert, layer } from "@effect/vitest"
import { Context, DateTime, Effect, Layer, Logger, Option } from "effect"
import { SqlClient } from "effect/sql"
import { append } from "../../../domain/src/contracts/support/callAppends.ts"
import {
  initiate,
  leaseOf,
  noon,
  someConnection,
  someone,
  step
} from "../../../domain/src/contracts/support/callSteps.ts"
import { Cryptography } from "../../src/crypto/index.ts"
import { backends } from "../support/TestDatabase.ts"

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

/** A host that starts at this moment. */
const host = Effect.map(
  Layer.build(Layer.fresh(layerCallServices.pipe(Layer.provide(Surroundings)))),
  (services) => Context.get(services, CallClock)
)

const damaged = Effect.fnUntraced(function*({ id }: Call) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE calls SET state = (state::jsonb - 'limits')::json WHERE id = ${id}`
})

const newer = Effect.fnUntraced(function*({ id }: Call) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE calls SET state_version = 99 WHERE id = ${id}`
})

for (const { layer: database, name } of backends) {
  layer(Layer.provideMerge(PgCalls.layer, database), { excludeTestServices: true })(
    `An unreadable call on ${name}`,
    (it) => {
      for (const [what, spoil] of [["damaged", damaged], ["of a newer release", newer]] as const) {
        it.effect(`prevents no start, no timer and no lease of another call when it is ${what}, and is reported once`, () => {
          const errors: Array<string> = []
          const logger = Logger.make(({ logLevel, message }) => {
            if (logLevel === "Error" || logLevel === "Warn") errors.push(String(message))
          })
          return Effect.gen(function*() {
            const { load, loadAll } = yield* CallRepository
            const { bind, heldBy } = yield* CallLeases
            const [ann, bob, cat, dan] = [someone(), someone(), someone(), someone()]
            const now = yield* DateTime.now
            const at = DateTime.subtract(now, { seconds: 61 })
            const spoilt = yield* append(initiate(ann, [bob], { at }))
            const whole = yield* append(initiate(cat, [dan], { at }))
            const talks = yield* append(
              step(yield* append(initiate(someone(), [bob], { at: now })), { _tag: "Accept", by: bob })
            )
            const lost = leaseOf(spoilt, ann, { connection: someConnection() })
            yield* bind(lost)
            yield* bind(leaseOf(talks, bob, { connection: someConnection() }))
            yield* spoil(spoilt)

            yield* (yield* host).sweep
            const reconnecting = Option.getOrThrow(yield* load(talks.id)).participants.find(({ userId }) =>
              userId === bob
            )
            assert.strictEqual(reconnecting?.state, "reconnecting")
            assert.strictEqual(Option.getOrThrow(yield* load(whole.id)).phase, "disconnected")
            yield* (yield* host).sweep
            assert.lengthOf(yield* loadAll([spoilt.id, whole.id]), 1)
            assert.deepStrictEqual(errors.map((error) => error.includes(spoilt.id)), [true])
            assert.deepStrictEqual(yield* heldBy(lost.connection!.id), [lost])
          }).pipe(Effect.scoped, Effect.provide(Logger.layer([logger])))
        })
      }

      it.effect("is left out of its users' lists, and can be ended so that the users may call again", () =>
        Effect.gen(function*() {
          const { discard, faultOf, history, loadAll, openCallsOf, openEntries } = yield* CallRepository
          const [ann, bob] = [someone(), someone()]
          const before = yield* append(step(yield* append(initiate(ann, [bob])), { _tag: "End" }))
          const call = yield* append(initiate(ann, [bob]))
          yield* damaged(call)
          assert.deepStrictEqual(yield* loadAll([call.id, before.id]), [before])
          assert.deepStrictEqual(yield* openCallsOf(ann), [])
          assert.deepStrictEqual(yield* history([ann], {}, { limit: 10 }), [before])
          assert.lengthOf(yield* openEntries([ann]), 1)
          assert.isTrue(Option.isNone(yield* faultOf(before.id)))
          assert.include(Option.getOrThrow(yield* faultOf(call.id)), "limits")

          assert.isFalse(yield* discard(before.id, noon))
          assert.isTrue(yield* discard(call.id, noon))
          assert.isFalse(yield* discard(call.id, noon))
          assert.include(Option.getOrThrow(yield* faultOf(call.id)), "ended")
          assert.lengthOf(yield* openEntries([ann]), 0)
          yield* append(initiate(ann, [bob]))
        }))
    }
  )
}
