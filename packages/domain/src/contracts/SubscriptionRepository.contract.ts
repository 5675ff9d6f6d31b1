import { assert, layer } from "@effect/vitest"
import { Array, type DateTime, Effect, type Layer, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import { IdempotencyKeys } from "../idempotency/index.ts"
import type { IdentityRepository } from "../identity/index.ts"
import {
  BillingAccountMachine,
  emptyBillingAccount,
  ExternalId,
  type SubscriptionCommand,
  SubscriptionRepository,
  Tier
} from "../subscription/index.ts"
import { dueAccountsContract } from "./DueAccounts.contract.ts"
import { noon, signUp } from "./support/identityFixtures.ts"
import { requestOf } from "./support/recordedRequests.ts"
import { lifetime, plan } from "./support/subscriptionFixtures.ts"
import {
  buyer,
  createOf,
  later,
  newPurchase,
  paidOf,
  reasonOf,
  someMoney,
  stepOf
} from "./support/subscriptionSteps.ts"

export const subscriptionRepositoryContract = <E>(
  name: string,
  subject: Layer.Layer<SubscriptionRepository | IdempotencyKeys | IdentityRepository, E>
): void => {
  layer(subject)(name, (it) => {
    it.effect("returns an empty account for a user without purchases", () =>
      Effect.gen(function*() {
        const repository = yield* SubscriptionRepository
        const { id } = yield* signUp()
        assert.deepStrictEqual(yield* repository.load(id), emptyBillingAccount(id))
        assert.deepStrictEqual(yield* repository.events(id, { limit: 10 }), [])
      }))

    it.effect("returns an account exactly as it was stored, with all of its events", () =>
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

    it.effect("stores one of 50 concurrent first steps, and nothing of the others", () =>
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

    it.effect("stores no step that was decided on an older version", () =>
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

    it.effect("lists the tiers of all purchases that are not over", () =>
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

    it.effect("lets each token give one membership at a time", () =>
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

    it.effect("accepts the same payment for one user only", () =>
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

    it.effect("records a request with its step, and stores no other step whose key is in use", () =>
      Effect.gen(function*() {
        const { append, load } = yield* SubscriptionRepository
        const { find } = yield* IdempotencyKeys
        const { id } = yield* signUp()
        const purchaseId = newPurchase()
        const request = requestOf(id, { result: { purchaseId, version: 1 } })
        yield* append(stepOf(emptyBillingAccount(id), createOf(purchaseId, "web3"), noon, request))
        const known = Option.some({ fingerprint: request.fingerprint, result: { purchaseId, version: 1 } })
        assert.deepStrictEqual(yield* find(request, later(23)), known)

        const account = yield* load(id)
        const again = (at: DateTime.Utc) =>
          append(stepOf(account, { _tag: "EndBilling", leftAt: noon }, noon, requestOf(id, { at, result: null })))
        assert.strictEqual(yield* reasonOf(again(later(23))), "KeyInUse")
        assert.deepStrictEqual(yield* load(id), account)
        assert.deepStrictEqual(yield* find(request, later(23)), known)
        assert.strictEqual(yield* reasonOf(again(later(24))), "kept")
        assert.deepStrictEqual(
          Option.map(yield* find(request, later(24)), ({ result }) => result),
          Option.some(null)
        )
      }))

    it.effect("records no request of a step that was not stored", () =>
      Effect.gen(function*() {
        const { append } = yield* SubscriptionRepository
        const { find } = yield* IdempotencyKeys
        const { account, id, purchaseId } = yield* buyer()
        const money = someMoney()
        yield* append(stepOf(account, paidOf(purchaseId, money)))
        const other = yield* buyer()
        const obstacles = [
          ["AccountMoved", stepOf(account, { _tag: "EndBilling", leftAt: noon }, noon, requestOf(id))],
          ["PaymentUsed", stepOf(other.account, paidOf(other.purchaseId, money), noon, requestOf(other.id))]
        ] as const
        for (const [reason, step] of obstacles) {
          assert.strictEqual(yield* reasonOf(append(step)), reason)
          assert.deepStrictEqual(yield* find(requestOf(step.account.userId), noon), Option.none())
        }
      }))
  })
  dueAccountsContract(name, subject)
}
