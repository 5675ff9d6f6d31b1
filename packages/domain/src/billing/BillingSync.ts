/**
 * Reads purchases from the provider and follows the answer. An answer counts only for the version of the account that was
 * loaded before the question, and only while no intent waits for delivery. So an answer never undoes a newer decision.
 */
import { Context, DateTime, Effect, Layer } from "effect"
import {
  AccountMoved,
  makeBillingAccountSteps,
  membershipOf,
  type Money,
  paymentsOf,
  type PurchaseId,
  subscriptionOf,
  type SubscriptionRecord,
  SubscriptionRepository
} from "../subscription/index.ts"
import { BillingOutbox } from "./ports/BillingOutbox.ts"
import { BillingProvider } from "./ports/BillingProvider.ts"
import { type ClaimedSync, SyncRequests } from "./ports/SyncRequests.ts"
import { ProviderTrouble, type Trouble } from "./ProviderTrouble.ts"
import { disputeDays, lookHours } from "./Reconciliation.ts"
import { nextAttemptAt } from "./rules/Retrying.ts"

/** How many questions are claimed: all of them start at once, so that their leases last. */
const concurrency = 8

/** The longest time for one question. */
const limit = "20 seconds"

/** For how many seconds a host holds a question: longer than the limit. Other hosts take over after that. */
const leaseSeconds = 25

/** How often to check whether another host has answered. */
const pollInterval = "50 millis"

/** How often a question is repeated at once because the account has changed. */
const attempts = 5

/** After about how many seconds a question is tried again that waits for a delivery. */
const waitingSeconds = 2

/** Logs an unexpected amount, and accepts it: taxes, coupons and credit change amounts, and so does a changed price. */
const reportAmount = ({ event }: SubscriptionRecord) =>
  event._tag === "PaymentRecorded" && event.expected !== undefined
    ? Effect.logWarning(
      `payment ${event.payment.id} is ${wordsOf(event.payment.amount)} where ${wordsOf(event.expected)} was expected`
    )
    : Effect.void

const wordsOf = ({ currency, minorUnits }: Money): string => `${minorUnits} ${currency}`

export class BillingSync extends Context.Service<BillingSync, {
  /** Asks a batch of due questions; returns how many were answered. */
  readonly syncDue: Effect.Effect<number>
  /** Asks about one purchase now if that was requested, or waits for the host that is asking. */
  sync(purchaseId: PurchaseId): Effect.Effect<void>
}>()("@dchat/domain/billing/BillingSync") {
  static readonly layer = Layer.effect(
    BillingSync,
    Effect.gen(function*() {
      const repository = yield* SubscriptionRepository
      const outbox = yield* BillingOutbox
      const provider = yield* BillingProvider
      const syncs = yield* SyncRequests
      const trouble = yield* ProviderTrouble
      const { performOn } = yield* makeBillingAccountSteps

      const follow = Effect.fnUntraced(function*(purchaseId: PurchaseId) {
        const owner = yield* repository.ownerOf(purchaseId)
        if (owner._tag === "None") return []
        const account = yield* repository.load(owner.value)
        const purchase = subscriptionOf(account, purchaseId) ?? membershipOf(account, purchaseId)
        if (purchase === undefined) return []
        if (yield* outbox.waits(purchaseId)) return "waits" as const
        const now = yield* DateTime.now
        const [followed, looked] = [account.observed[purchaseId], yield* syncs.observedAt(purchaseId)]
        const seen = followed && looked ? DateTime.max(followed, looked) : followed ?? looked
        // The later of two questions within one tick of the clock counts.
        const observedAt = seen === undefined ? now : DateTime.max(now, DateTime.add(seen, { milliseconds: 1 }))
        const snapshot = yield* provider.observe(owner.value, purchase, paymentsOf(account, purchaseId), observedAt)
        const isLatest = yield* syncs.observed(purchaseId, {
          at: observedAt,
          againAt: DateTime.add(observedAt, { hours: lookHours }),
          paidSince: DateTime.subtract(observedAt, { days: disputeDays })
        })
        if (!isLatest) return yield* new AccountMoved()
        const { records } = yield* performOn(account, { _tag: "Sync", snapshot }, { _tag: "Provider", observedAt })
          .pipe(
            Effect.catchTag("NoSubscription", Effect.die)
          )
        yield* Effect.forEach(records, reportAmount, { discard: true })
        return records.filter(({ event }) => event._tag !== "Synced")
      }, Effect.retry({ while: ({ _tag }) => _tag === "AccountMoved", times: attempts }))

      /** Whether the question is answered and was not requested again. */
      const answer = Effect.fn("BillingSync.answer")(function*(sync: ClaimedSync) {
        const found = yield* follow(sync.purchaseId).pipe(
          Effect.timeout(limit),
          Effect.catchDefect((defect) => Effect.succeed<Trouble>({ message: String(defect) })),
          Effect.catch((error) => Effect.succeed<Trouble>(error))
        )
        const now = yield* DateTime.now
        if (found === "waits") {
          yield* syncs.postpone(sync, DateTime.add(now, { seconds: waitingSeconds }), "waits for a delivery")
          return false
        }
        if ("message" in found) {
          yield* trouble.report(found, `could not read purchase ${sync.purchaseId}: ${found.message}`)
          yield* syncs.postpone(sync, nextAttemptAt(now, sync.failures + 1), found.message)
          return false
        }
        if (sync.reconciling && found.length > 0) {
          const repaired = found.map(({ event }) => event._tag).join(", ")
          yield* Effect.logWarning(`reconciliation repaired purchase ${sync.purchaseId}: ${repaired}`)
        }
        return yield* syncs.answered(sync)
      })

      const leased = Effect.map(DateTime.now, (now) => ({ now, until: DateTime.add(now, { seconds: leaseSeconds }) }))

      const syncDue = Effect.gen(function*() {
        const { now, until } = yield* leased
        const claimed = yield* syncs.claim(now, until, concurrency)
        const answered = yield* Effect.forEach(claimed, answer, { concurrency })
        return answered.filter(Boolean).length
      })

      const sync = (purchaseId: PurchaseId): Effect.Effect<void> =>
        Effect.gen(function*() {
          const { now, until } = yield* leased
          const claimed = yield* syncs.claimOf(purchaseId, now, until)
          if (claimed !== undefined) return void (yield* answer(claimed))
          if (!(yield* syncs.isHeld(purchaseId, now))) return
          yield* Effect.sleep(pollInterval)
          yield* sync(purchaseId)
        })

      return BillingSync.of({ syncDue, sync: Effect.fn("BillingSync.sync")(sync) })
    })
  )
}
