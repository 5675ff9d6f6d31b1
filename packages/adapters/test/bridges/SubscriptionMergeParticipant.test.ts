import { SubscriptionMergeParticipant } from "@dchat/adapters/bridges"
import { MemoryIdentity, MemorySubscriptionRepository, MemoryUsageRepository } from "@dchat/adapters/memory"
import { PgIdentity, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { absentMergeParticipant, type IdentityRepository, MergeParticipants, type UserId } from "@dchat/domain/identity"
import {
  type AccountAppend,
  type BillingAccount,
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  ExternalId,
  type Grant,
  GrantId,
  PaymentId,
  PurchaseId,
  type SubscriptionCommand,
  SubscriptionRepository,
  Tier
} from "@dchat/domain/subscription"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { assert, layer } from "@effect/vitest"
import { Array, Effect, Layer, Option, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { noon, signUp } from "../../../domain/src/contracts/support/identityFixtures.ts"
import { money, plan } from "../../../domain/test/subscription/accounts.ts"
import { backends } from "../support/TestDatabase.ts"

const stepOf = (account: BillingAccount, command: SubscriptionCommand): AccountAppend => {
  const step = Result.getOrThrow(BillingAccountMachine.decide(command, account, noon, { _tag: "User" }, defaultPlans))
  if (!Array.isReadonlyArrayNonEmpty(step.records)) throw new Error("nothing happens")
  return { expected: account.version, account: step.account, records: step.records, outbox: [], syncs: [] }
}

/** Somebody who began to buy; `paid`, with a running subscription. */
const buyer = Effect.fnUntraced(function*(paid: boolean) {
  const { append, load } = yield* SubscriptionRepository
  const { id } = yield* signUp()
  const purchaseId = PurchaseId.make(SecureRandom.uuidV7Unsafe())
  const create = {
    _tag: "Create",
    purchaseId,
    paymentId: PaymentId.make(SecureRandom.uuidV7Unsafe()),
    method: "web3",
    terms: plan("PRO", "monthly"),
    autoRenew: false
  } as const
  yield* append(stepOf(emptyBillingAccount(id), create))
  const payment = money(purchaseId, noon, {}, { kind: "first" })
  if (paid) yield* append(stepOf(yield* load(id), { _tag: "PaymentSettled", purchaseId, payment }))
  return { id, purchaseId, money: payment.externalId }
})

const participating = Layer.effect(
  MergeParticipants,
  Effect.map(SubscriptionMergeParticipant.make, (subscriptions) => ({ calls: absentMergeParticipant, subscriptions }))
)

const participant = Effect.map(MergeParticipants, ({ subscriptions }) => subscriptions)

const objection = Effect.fnUntraced(function*(survivor: UserId, absorbed: UserId) {
  const { check } = yield* participant
  return yield* Effect.match(check(survivor, absorbed), { onSuccess: () => "none", onFailure: ({ _tag }) => _tag })
})

const mergesAccounts = <E>(
  name: string,
  ports: Layer.Layer<SubscriptionRepository | IdentityRepository, E>
) =>
  layer(
    participating.pipe(
      Layer.provide([MemoryUsageRepository.layer, NodeCrypto.layerSecureRandom]),
      Layer.provideMerge(ports)
    )
  )(
    name,
    (it) => {
      it.effect("moves everything to the surviving user, who also receives later payments", () =>
        Effect.gen(function*() {
          const repository = yield* SubscriptionRepository
          const survivor = (yield* signUp()).id
          const absorbed = yield* buyer(true)
          const before = yield* repository.load(absorbed.id)
          assert.strictEqual(yield* objection(survivor, absorbed.id), "none")
          yield* (yield* participant).move(survivor, absorbed.id)

          const after = yield* repository.load(survivor)
          assert.deepStrictEqual(after.subscriptions, before.subscriptions)
          assert.deepStrictEqual(after.payments, before.payments)
          assert.deepStrictEqual((yield* repository.load(absorbed.id)).subscriptions, [])
          assert.deepStrictEqual(yield* repository.ownerOf(absorbed.purchaseId), Option.some(survivor))
          assert.deepStrictEqual(
            yield* repository.purchaseOfMoney(ExternalId.make(absorbed.money)),
            Option.some({ userId: survivor, purchaseId: absorbed.purchaseId })
          )
        }))

      it.effect("moves nothing for a user who never bought anything", () =>
        Effect.gen(function*() {
          const repository = yield* SubscriptionRepository
          const [survivor, absorbed] = [yield* buyer(true), (yield* signUp()).id]
          const before = yield* repository.load(survivor.id)
          yield* (yield* participant).move(survivor.id, absorbed)
          assert.deepStrictEqual(yield* repository.load(survivor.id), before)
        }))

      it.effect("objects while both users have a subscription, and while one of them has a pending payment", () =>
        Effect.gen(function*() {
          const [one, other, pending] = [yield* buyer(true), yield* buyer(true), yield* buyer(false)]
          // The test's clock stands in 1970: nothing has lapsed.
          assert.strictEqual(yield* objection(one.id, other.id), "MergeTwoSubscriptions")
          assert.strictEqual(yield* objection(one.id, pending.id), "MergePaymentOpen")
          assert.strictEqual(yield* objection(pending.id, (yield* signUp()).id), "MergePaymentOpen")
        }))

      it.effect("objects to a checkout that was opened between the check and the move", () =>
        Effect.gen(function*() {
          const { move } = yield* participant
          const moved = (survivor: UserId, absorbed: UserId) =>
            Effect.match(move(survivor, absorbed), { onSuccess: () => "none", onFailure: ({ _tag }) => _tag })
          const couple = (survivorPaid: boolean, absorbedPaid: boolean) =>
            Effect.all([buyer(survivorPaid), buyer(absorbedPaid)]).pipe(
              Effect.flatMap(([survivor, absorbed]) => moved(survivor.id, absorbed.id))
            )
          assert.strictEqual(yield* couple(true, false), "MergePaymentOpen")
          assert.strictEqual(yield* couple(false, true), "MergePaymentOpen")
          assert.strictEqual(yield* couple(true, true), "MergeTwoSubscriptions")
        }))
    }
  )

let overtake: Effect.Effect<void> = Effect.void

/** Somebody is faster whenever something is taken over. */
const overtaken = Layer.effect(
  SubscriptionRepository,
  Effect.map(SubscriptionRepository, (real) =>
    SubscriptionRepository.of({
      ...real,
      append: (step) =>
        step.records.some(({ event }) => event._tag === "MergedIn")
          ? Effect.andThen(overtake, real.append(step))
          : real.append(step)
    }))
)

for (const { layer: database, name } of backends) {
  layer(
    participating.pipe(
      Layer.provide([MemoryUsageRepository.layer, NodeCrypto.layerSecureRandom]),
      Layer.provideMerge(overtaken.pipe(Layer.provideMerge(PgSubscriptionRepository.layer), Layer.fresh)),
      Layer.provideMerge(PgIdentity.layer),
      Layer.provideMerge(database)
    )
  )(`A merge on ${name}`, (it) => {
    it.effect("loses nothing of the surviving user's concurrent step", () =>
      Effect.gen(function*() {
        const { append, load } = yield* SubscriptionRepository
        const sql = yield* SqlClient.SqlClient
        const survivor = (yield* signUp()).id
        const absorbed = yield* buyer(true)
        const run = Effect.runPromiseWith(yield* Effect.context<never>())
        const other = Effect.gen(function*() {
          overtake = Effect.void
          const grant: Grant = {
            id: GrantId.make(SecureRandom.uuidV7Unsafe()),
            tier: Tier.make("PRO"),
            from: noon,
            source: "admin",
            actor: "ops",
            reason: "a test"
          }
          yield* append(stepOf(yield* load(survivor), { _tag: "GiveGrant", grant }))
        })
        // On a connection of its own, as another host would.
        overtake = Effect.promise(() => run(Effect.orDie(other)))
        const { move } = yield* participant
        yield* TestClock.withLive(sql.withTransaction(move(survivor, absorbed.id)))
        const { grants, subscriptions } = yield* load(survivor)
        assert.deepStrictEqual([grants.length, subscriptions.map(({ id }) => id)], [1, [absorbed.purchaseId]])
      }))
  })
}

mergesAccounts("merging accounts in memory", Layer.merge(MemorySubscriptionRepository.layer, MemoryIdentity.layer))
for (const { layer, name } of backends) {
  mergesAccounts(
    `merging accounts on ${name}`,
    Layer.merge(PgSubscriptionRepository.layer, PgIdentity.layer).pipe(Layer.provide(layer))
  )
}
