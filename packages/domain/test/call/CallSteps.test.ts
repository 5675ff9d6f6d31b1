import { Cryptography } from "@dchat/adapters/crypto"
import { MemoryCalls } from "@dchat/adapters/memory"
import {
  CallDirectory,
  CallEntitlement,
  CallLeases,
  CallPolicy,
  CallRepository,
  Calls,
  layerCallServices,
  RingLimit
} from "@dchat/domain/call"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer } from "effect"
import { ann, bob, by } from "./support/callTestLayer.ts"

/** Fails the ports of calls for as long as a test wants it. */
class Outage extends Context.Service<Outage, { loads: boolean; renewals: boolean }>()("test/Outage") {}

const failing = <A>(fails: () => boolean, effect: Effect.Effect<A>) =>
  Effect.suspend(() => fails() ? Effect.die(new Error("the database is away")) : effect)

const ports = Layer.effectContext(Effect.gen(function*() {
  const outage = yield* Outage
  const repository = yield* CallRepository
  const leases = yield* CallLeases
  return Context.make(CallRepository, {
    ...repository,
    load: (id) => failing(() => outage.loads, repository.load(id))
  }).pipe(Context.add(CallLeases, {
    ...leases,
    bind: (lease) => failing(() => outage.renewals, leases.bind(lease))
  }))
})).pipe(
  Layer.provideMerge(MemoryCalls.layer),
  Layer.provideMerge(Layer.sync(Outage, () => ({ loads: false, renewals: false }))),
  Layer.provideMerge(Layer.mergeAll(
    CallPolicy.layerOpen,
    RingLimit.layerUnlimited,
    CallEntitlement.layerUnlimited,
    Layer.succeed(CallDirectory, {
      known: (users) => Effect.succeed(new Set(users)),
      aliases: (user) => Effect.succeed([user])
    }),
    Cryptography
  ))
)

/** The outcome on another host with the same ports, which remembers no call yet. */
const onAnotherHost = <A, E>(effect: Effect.Effect<A, E, Calls>) =>
  Effect.provide(effect, Layer.fresh(layerCallServices))

describe("Calls during a failure of the database", () => {
  it.effect("are unchanged once the database answers", () =>
    Effect.gen(function*() {
      const outage = yield* Outage
      const { initiate } = yield* Calls
      const { call: { id } } = yield* initiate(by(ann), { type: "audio", participants: [bob] })
      yield* onAnotherHost(Effect.gen(function*() {
        const { execute, get, initiate } = yield* Calls
        outage.loads = true
        assert.isTrue(Exit.hasDies(yield* Effect.exit(get(by(ann), id))))
        assert.isTrue(Exit.hasDies(yield* Effect.exit(execute(by(bob), id, { _tag: "Accept" }))))
        outage.loads = false
        assert.strictEqual((yield* get(by(ann), id)).id, id)
        yield* execute(by(bob), id, { _tag: "Accept" })
        yield* execute(by(ann), id, { _tag: "Leave" })
        assert.notStrictEqual((yield* initiate(by(ann), { type: "audio", participants: [bob] })).call.id, id)
      }))
    }).pipe(Effect.provide(Layer.provideMerge(layerCallServices, ports))))

  it.effect("count the next request of a user as a sign of life if the last one could not be stored", () =>
    Effect.gen(function*() {
      const outage = yield* Outage
      const { get, initiate } = yield* Calls
      const { call: { id } } = yield* initiate(by(ann), { type: "audio", participants: [bob] })
      outage.renewals = true
      assert.isTrue(Exit.hasDies(yield* Effect.exit(get(by(ann), id))))
      outage.renewals = false
      assert.strictEqual((yield* get(by(ann), id)).id, id)
    }).pipe(Effect.provide(Layer.provideMerge(layerCallServices, ports))))
})
