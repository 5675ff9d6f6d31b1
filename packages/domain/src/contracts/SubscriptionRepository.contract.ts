import { assert, layer } from "@effect/vitest"
import { Array, DateTime, Effect, type Layer, Option, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import type { UserId } from "../identity/index.ts"
import type { IdentityRepository } from "../identity/index.ts"
import {
  type AccountAppend,
  type BillingAccount,
  type BillingAccountConflict,
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  ExternalId,
  OutboxId,
  PaymentId,
  type PlanTerms,
  type ProviderPayment,
  PurchaseId,
  type SubscriptionCommand,
  SubscriptionRepository,
  Tier
} from "../subscription/index.ts"
import { noon, signUp } from "./support/identityFixtures.ts"
import { lifetime, plan, providerSubscription } from "./support/subscriptionFixtures.ts"

const newPurchase = () => PurchaseId.make(SecureRandom.uuidV7Unsafe())
const newPayment = () => PaymentId.make(SecureRandom.uuidV7Unsafe())
const someMoney = () => ExternalId.make(`in_${SecureRandom.uuidV7Unsafe()}`)

const later = (hours: number) => DateTime.add(noon, { hours })

/** The change that a command makes to an account, in the form to store. */
const stepOf = (
  account: BillingAccount,
  command: SubscriptionCommand,
  at = noon,
  request?: AccountAppend["request"]
): AccountAppend => {
  const { intents, records, syncs, ...after } = Result.getOrThrow(
    BillingAccountMachine.decide(command, account, at, { _tag: "Admin", actor: "ops", reason: "a test" }, defaultPlans)
  )
  if (!Array.isReadonlyArrayNonEmpty(records)) throw new Error("nothing happens")
  const outbox = intents.map(({ intent, purchaseId }) => ({
    id: OutboxId.make(SecureRandom.uuidV7Unsafe()),
    intent,
    purchaseId
  }))
  return { expected: account.version, account: after.account, records, outbox, syncs, request }
}

const createOf = (
  purchaseId: PurchaseId = newPurchase(),
  method: "stripe" | "web3" = "stripe",
  terms: PlanTerms = plan("PRO", "monthly")
): SubscriptionCommand => ({
  _tag: "Create",
  purchaseId,
  paymentId: newPayment(),
  method,
  terms,
  autoRenew: method === "stripe"
})

const moneyOf = (externalId: ExternalId): ProviderPayment => ({
  id: newPayment(),
  externalId,
  paymentIntent: ExternalId.make(externalId.replace("in_", "pi_")),
  kind: "first",
  amount: plan("PRO", "monthly").price,
  paidAt: noon,
  periodStart: noon,
  periodEnd: later(24 * 31),
  receiptUrl: "https://pay.example/receipt",
  refunds: [{
    externalId: ExternalId.make("re_1"),
    amount: { currency: "USD", minorUnits: 12_345_678_901_234_567_890n },
    state: "pending",
    at: noon
  }],
  disputes: [{ externalId: ExternalId.make("dp_1"), state: "won", openedAt: noon, closedAt: noon }]
})

const paidOf = (purchaseId: PurchaseId, externalId: ExternalId = someMoney()): SubscriptionCommand => ({
  _tag: "Sync",
  snapshot: {
    purchaseId,
    observedAt: noon,
    subscription: providerSubscription({
      externalId: ExternalId.make(`sub_${purchaseId}`),
      anchor: noon,
      periodStart: noon,
      periodEnd: later(24 * 31),
      endsAt: later(24 * 31)
    }),
    payments: [moneyOf(externalId)]
  }
})

const reasonOf = <A>(effect: Effect.Effect<A, BillingAccountConflict, SubscriptionRepository>) =>
  Effect.match(effect, { onSuccess: () => "kept", onFailure: ({ reason }) => reason._tag })

/** A user who has begun a purchase. */
const buyer = Effect.fnUntraced(function*(method: "stripe" | "web3" = "stripe") {
  const { append } = yield* SubscriptionRepository
  const { id } = yield* signUp()
  const purchaseId = newPurchase()
  const step = stepOf(emptyBillingAccount(id), createOf(purchaseId, method))
  yield* append(step)
  return { id, purchaseId, account: step.account }
})

export const subscriptionRepositoryContract = <E>(
  name: string,
  subject: Layer.Layer<SubscriptionRepository | IdentityRepository, E>
) =>
  layer(subject)(name, (it) => {
    it.effect("has an empty account of whoever never bought anything", () =>
      Effect.gen(function*() {
        const repository = yield* SubscriptionRepository
        const { id } = yield* signUp()
        assert.deepStrictEqual(yield* repository.load(id), emptyBillingAccount(id))
        assert.deepStrictEqual(yield* repository.events(id, { limit: 10 }), [])
      }))

    it.effect("gives an account back as it was kept, with all that happened to it", () =>
      Effect.gen(function*() {
        const repository = yield* SubscriptionRepository
        const { account, id, purchaseId } = yield* buyer()
        const money = someMoney()
        const step = stepOf(account, paidOf(purchaseId, money))
        yield* repository.append(step)
        assert.deepStrictEqual(yield* repository.load(id), step.account)

        const events = yield* repository.events(id, { limit: 100 })
        assert.deepStrictEqual(events.map(({ seq }) => seq), Array.reverse(Array.range(1, step.account.version)))
        assert.deepStrictEqual(BillingAccountMachine.replay(emptyBillingAccount(id), events.toReversed()), step.account)
        assert.deepStrictEqual((yield* repository.events(id, { before: 3, limit: 1 })).map(({ seq }) => seq), [2])

        assert.deepStrictEqual(yield* repository.ownerOf(purchaseId), Option.some(id))
        assert.deepStrictEqual(yield* repository.ownerOf(newPurchase()), Option.none())
        const owned = Option.some({ userId: id, purchaseId })
        assert.deepStrictEqual(yield* repository.purchaseOfMoney(money), owned)
        const intent = ExternalId.make(money.replace("in_", "pi_"))
        assert.deepStrictEqual(yield* repository.purchaseOfMoney(intent), owned)
        assert.deepStrictEqual(yield* repository.purchaseOfMoney(someMoney()), Option.none())
      }))

    it.effect("keeps one of 50 first steps at once, and nothing of the others", () =>
      Effect.gen(function*() {
        const repository = yield* SubscriptionRepository
        const { id } = yield* signUp()
        const steps = Array.makeBy(50, () => stepOf(emptyBillingAccount(id), createOf()))
        const outcomes = yield* Effect.all(steps.map((step) => reasonOf(repository.append(step))), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(outcomes.toSorted(), [...Array.replicate("AccountMoved", 49), "kept"])
        assert.strictEqual((yield* repository.events(id, { limit: 100 })).length, 1)
        const kept = yield* repository.load(id)
        const owners = yield* Effect.forEach(
          steps,
          ({ account }) => repository.ownerOf(account.subscriptions[0]?.id ?? newPurchase())
        )
        assert.strictEqual(owners.filter(Option.isSome).length, 1)
        assert.strictEqual(kept.subscriptions.length, 1)
      }))

    it.effect("keeps no step that was decided on an older version", () =>
      Effect.gen(function*() {
        const repository = yield* SubscriptionRepository
        const { account, purchaseId } = yield* buyer()
        const step = stepOf(account, paidOf(purchaseId))
        yield* repository.append(step)
        assert.strictEqual(
          yield* reasonOf(repository.append(stepOf(account, { _tag: "EndBilling", leftAt: noon }))),
          "AccountMoved"
        )
      }))

    it.effect("remembers for a day which purchase a request led to, and takes no other for it", () =>
      Effect.gen(function*() {
        const { append, findRequest, remember } = yield* SubscriptionRepository
        const { account, id, purchaseId } = yield* buyer()
        const key = { userId: id, operation: "subscription.renew", key: "k" }
        const request = { ...key, fingerprint: "what was asked", purchaseId, version: 7, at: noon }
        yield* remember(request)
        assert.deepStrictEqual(
          Option.map(
            yield* findRequest(key, later(23)),
            ({ fingerprint, purchaseId, version }) => ({ fingerprint, purchaseId, version })
          ),
          Option.some({ fingerprint: "what was asked", purchaseId, version: 7 })
        )
        assert.deepStrictEqual(yield* findRequest({ ...key, operation: "subscription.create" }, noon), Option.none())
        assert.strictEqual(yield* reasonOf(remember({ ...request, at: later(1) })), "PurchaseRequestKnown")
        const step = stepOf(account, paidOf(purchaseId), later(1), { ...request, at: later(1) })
        assert.strictEqual(yield* reasonOf(append(step)), "PurchaseRequestKnown")
        assert.deepStrictEqual(yield* findRequest(key, later(25)), Option.none())
        assert.strictEqual(yield* reasonOf(remember({ ...request, at: later(25) })), "kept")
      }))

    it.effect("knows the tiers of what is not over", () =>
      Effect.gen(function*() {
        const { append, load, tiersHeld } = yield* SubscriptionRepository
        const { id } = yield* signUp()
        const purchaseId = newPurchase()
        const tier = Tier.make(`T${purchaseId.slice(-12).toUpperCase()}`)
        const terms = { ...plan("PRO", "monthly"), tier }
        yield* append(stepOf(yield* load(id), createOf(purchaseId, "stripe", terms)))
        assert.include(yield* tiersHeld, tier)
        const cancel = { _tag: "Cancel", when: "now", closed: purchaseId } as const
        yield* append(stepOf(yield* load(id), cancel))
        assert.notInclude(yield* tiersHeld, tier)
      }))

    it.effect("has each token hold one membership at a time", () =>
      Effect.gen(function*() {
        const { append, load } = yield* SubscriptionRepository
        const token = ExternalId.make(`1:0xdeed:${SecureRandom.uuidV7Unsafe()}`)
        const [one, other] = [yield* signUp(), yield* signUp()]
        const hold = (): SubscriptionCommand => ({
          _tag: "HoldToken",
          purchaseId: newPurchase(),
          terms: lifetime("PRO"),
          token
        })
        yield* append(stepOf(emptyBillingAccount(one.id), hold()))
        assert.strictEqual(yield* reasonOf(append(stepOf(emptyBillingAccount(other.id), hold()))), "PaymentUsed")
        yield* append(stepOf(yield* load(one.id), { _tag: "TokenGone", token, to: other.id }))
        assert.strictEqual(yield* reasonOf(append(stepOf(emptyBillingAccount(other.id), hold()))), "kept")
      }))

    it.effect("takes the same money for one person's payment only", () =>
      Effect.gen(function*() {
        const repository = yield* SubscriptionRepository
        const money = someMoney()
        const [one, other] = [yield* buyer(), yield* buyer()]
        yield* repository.append(stepOf(one.account, paidOf(one.purchaseId, money)))
        const second = repository.append(stepOf(other.account, paidOf(other.purchaseId, money)))
        assert.strictEqual(yield* reasonOf(second), "PaymentUsed")
        assert.deepStrictEqual(yield* repository.load(other.id), other.account)
        assert.strictEqual((yield* repository.events(other.id, { limit: 10 })).length, 1)
      }))

    it.effect("moves on each account that is due, once, however many ask for them at once", () =>
      Effect.gen(function*() {
        const { events, load, moveDue } = yield* SubscriptionRepository
        const buyers = yield* Effect.forEach(Array.range(1, 30), () => buyer("web3"))
        const ours = new Set<UserId>(buyers.map(({ id }) => id))
        const movedAt = (hours: number, limit = 1000) =>
          Effect.map(
            moveDue(
              { now: later(hours), retryAt: later(hours + 1), limit },
              (accounts) => Effect.succeed(accounts.map((account) => stepOf(account, { _tag: "Tick" }, later(hours))))
            ),
            ({ found, moved }) => ({ found, moved: [...moved].filter((id) => ours.has(id)) })
          )
        assert.deepStrictEqual((yield* movedAt(22)).moved, [])

        const few = yield* movedAt(23, 10)
        assert.strictEqual(few.found, 10)
        const others = yield* Effect.all(Array.makeBy(5, () => movedAt(23)), { concurrency: "unbounded" })
        const moved = [...few.moved, ...others.flatMap((it) => it.moved)]
        assert.strictEqual(moved.length, 30)
        assert.strictEqual(new Set(moved).size, 30)
        for (const { id } of buyers) {
          assert.strictEqual((yield* load(id)).subscriptions[0]?.state, "expired")
          assert.strictEqual((yield* events(id, { limit: 10 })).length, 2)
        }
        assert.deepStrictEqual((yield* movedAt(48)).moved, [])
      }))

    it.effect("lets an account rest that is due and not moved on, until a while has passed or a step is kept", () =>
      Effect.gen(function*() {
        const { append, moveDue } = yield* SubscriptionRepository
        const [one, other] = [yield* buyer("web3"), yield* buyer("web3")]
        const seenAt = (hours: number) =>
          Effect.gen(function*() {
            const seen = new Set<UserId>()
            const due = { now: later(hours), retryAt: later(hours + 2), limit: 1000 }
            yield* moveDue(due, (accounts) =>
              Effect.sync(() => {
                for (const { userId } of accounts) seen.add(userId)
                return []
              }))
            return [seen.has(one.id), seen.has(other.id)]
          })
        assert.deepStrictEqual(yield* seenAt(24), [true, true])
        assert.deepStrictEqual(yield* seenAt(25), [false, false])
        yield* append(stepOf(other.account, { _tag: "EndBilling", leftAt: noon }, later(1)))
        yield* append(
          stepOf(yield* (yield* SubscriptionRepository).load(other.id), createOf(newPurchase(), "web3"), later(2))
        )
        assert.deepStrictEqual(yield* seenAt(25), [false, true])
        assert.deepStrictEqual(yield* seenAt(26), [true, false])
      }))

    it.effect("remembers for 24 hours which purchase a request led to", () =>
      Effect.gen(function*() {
        const { append, findRequest, load, purgeRequests } = yield* SubscriptionRepository
        const { id } = yield* signUp()
        const purchaseId = newPurchase()
        const key = {
          userId: id,
          operation: "subscription.create",
          key: "k",
          fingerprint: "f",
          purchaseId,
          version: 1,
          at: noon
        }
        yield* append(stepOf(emptyBillingAccount(id), createOf(purchaseId, "web3"), noon, key))
        const remembered = yield* findRequest(key, later(23))
        assert.deepInclude(Option.getOrThrow(remembered), { purchaseId, fingerprint: "f" })
        assert.deepStrictEqual(yield* findRequest({ ...key, key: "other" }, noon), Option.none())

        const account = yield* load(id)
        const again = stepOf(account, { _tag: "EndBilling", leftAt: noon }, noon, key)
        assert.strictEqual(yield* reasonOf(append(again)), "PurchaseRequestKnown")
        assert.deepStrictEqual(yield* load(id), account)

        assert.deepStrictEqual(yield* findRequest(key, later(25)), Option.none())
        assert.isAtLeast(yield* purgeRequests(later(25), 1000), 1)
        assert.strictEqual(yield* purgeRequests(later(25), 1000), 0)
      }))
  })
