import { assert, layer } from "@effect/vitest"
import { Array, Effect, type Layer } from "effect"
import { ChainLedger } from "../onchain/index.ts"
import { ExternalId } from "../subscription/index.ts"
import { someChain, someTransfer } from "./support/chainSteps.ts"
import { someUserId } from "./support/identityFixtures.ts"

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

const someExternalId = () => someTransfer(someChain()).externalId

/** The part of the contract of `ChainLedger` about the value of provisional payments. */
export const exposureContract = <E>(name: string, subject: Layer.Layer<ChainLedger, E>): void =>
  layer(subject, { excludeTestServices: true })(`${name}, exposure`, (it) => {
    it.effect("reserves provisional payments within the budgets of the installation and of the user", () =>
      Effect.gen(function*() {
        const { expose, release } = yield* ChainLedger
        const budget = { installation: usd(100n), user: usd(60n) }
        const [ann, bob] = [someUserId(), someUserId()]
        const ids = Array.makeBy(5, someExternalId)
        const [first = "", second = "", third = "", fourth = "", fifth = ""] = ids
        const reserve = (id: string, userId: typeof ann, units: bigint) =>
          expose({ externalId: ExternalId.make(id), userId, value: usd(units) }, budget)
        yield* Effect.gen(function*() {
          assert.isTrue(yield* reserve(first, ann, 60n))
          assert.isTrue(yield* reserve(first, ann, 60n), "it is reserved already")
          assert.isFalse(yield* reserve(second, ann, 1n), "the budget of the user")
          assert.isFalse(yield* reserve(third, bob, 41n), "the budget of the installation")
          assert.isTrue(yield* reserve(fourth, bob, 40n))
          yield* release(ExternalId.make(first))
          assert.isTrue(yield* reserve(second, ann, 60n))
          const euro = { currency: "EUR", minorUnits: 0n }
          assert.isFalse(yield* expose({ externalId: ExternalId.make(fifth), userId: bob, value: euro }, budget))
        }).pipe(Effect.ensuring(Effect.forEach(ids, release)))
      }))

    it.effect("never reserves more than the budget, whoever asks at the same time", () =>
      Effect.gen(function*() {
        const { expose, release } = yield* ChainLedger
        const budget = { installation: usd(1000n), user: usd(70n) }
        const [ann, bob] = [someUserId(), someUserId()]
        const wishes = Array.makeBy(50, (index) => ({
          externalId: someExternalId(),
          userId: index % 2 === 0 ? ann : bob,
          value: usd(10n)
        }))
        yield* Effect.gen(function*() {
          const reserved = yield* Effect.forEach(wishes, (wish) => expose(wish, budget), { concurrency: "unbounded" })
          const of = (user: typeof ann) =>
            wishes.filter(({ userId }, index) => reserved[index] === true && userId === user)
          assert.deepStrictEqual([of(ann).length, of(bob).length], [7, 7])
        }).pipe(Effect.ensuring(Effect.forEach(wishes, ({ externalId }) => release(externalId))))
      }))
  })
