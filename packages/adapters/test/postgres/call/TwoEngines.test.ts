import { MemoryCallBus } from "@dchat/adapters/memory"
import { PgCalls } from "@dchat/adapters/postgres"
import { type Call, CallRepository, CallSteps, CallTime } from "@dchat/domain/call"
import { assertConsistent, StoredCalls } from "@dchat/domain/contracts"
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Layer } from "effect"
import { append, connected } from "../../../../domain/src/contracts/support/callAppends.ts"
import { someone, step } from "../../../../domain/src/contracts/support/callSteps.ts"
import { postgresLayer } from "../../support/StoredCalls.ts"
import { backends } from "../../support/TestDatabase.ts"

/** Candidates that each host stores in each call. */
const candidates = 100

/** Candidates of a call that wait on a host at once. */
const window = 4

const host = Layer.build(Layer.fresh(CallSteps.layer.pipe(Layer.provide(CallTime.layer))))

const offered = Effect.gen(function*() {
  const [ann, bob] = [someone(), someone()]
  return yield* append(step(yield* connected(ann, bob), { _tag: "Offer", by: ann, digest: "offer" }))
})

/** Sends candidates of a call through one host, some at once. Returns what became of them. */
const sendAll = (steps: CallSteps["Service"], { id, participants: [one, other] }: Call, name: string) =>
  Effect.forEach(
    Array.range(0, candidates - 1),
    (number) =>
      Effect.callback<string>((resume) => {
        const digests = [`${name} ${number}`]
        const command = { _tag: "Candidates" as const, by: one!.userId, to: other!.userId, digests }
        const done = ({ _tag }: { readonly _tag: string }) => resume(Effect.succeed(_tag))
        steps.submit(id, { prepare: () => ({ command }), done, size: 1 })
      }),
    { concurrency: window }
  )

for (const { layer, name } of backends) {
  const stores = Layer.mergeAll(PgCalls.layer, postgresLayer).pipe(
    Layer.provide(layer),
    Layer.merge(MemoryCallBus.layer)
  )

  describe(`Two hosts on ${name} that take the commands of the same calls`, () => {
    it.live("store each command once, and the commands of each host in order", () =>
      Effect.gen(function*() {
        const repository = yield* CallRepository
        const { everything } = yield* StoredCalls
        const [first, second] = [yield* host, yield* host]
        const calls = [yield* offered, yield* offered, yield* offered]
        const outcomes = yield* Effect.forEach(
          calls.flatMap((call) => [[call, first, "first"] as const, [call, second, "second"] as const]),
          ([call, services, name]) =>
            Effect.flatMap(CallSteps, (steps) => sendAll(steps, call, name)).pipe(Effect.provide(services)),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(new Set(outcomes.flat()), new Set(["Taken"]))
        for (const stored of yield* repository.loadAll(calls.map(({ id }) => id))) {
          const digests = stored.links[0]?.candidates ?? []
          for (const name of ["first", "second"]) {
            assert.deepStrictEqual(
              digests.filter((digest) => digest.startsWith(name)),
              Array.makeBy(candidates, (number) => `${name} ${number}`)
            )
          }
        }
        assertConsistent(yield* everything)
      }).pipe(Effect.scoped, Effect.provide(stores)))
  })
}
