/**
 * Delivers intents to the provider: in order for each purchase, and each intent once, whatever the number of attempts.
 */
import { Context, DateTime, Effect, Layer, Option } from "effect"
import {
  makeBillingAccountSteps,
  type PurchaseId,
  type SubscriptionCommandOf,
  SubscriptionRepository,
  timelyIntent
} from "../subscription/index.ts"
import { BillingOutbox, type ClaimedDelivery, type UnreadableDelivery, unreadableEntry } from "./ports/BillingOutbox.ts"
import { BillingProvider, type ProviderRefused, ProviderUnavailable } from "./ports/BillingProvider.ts"
import { SyncRequests } from "./ports/SyncRequests.ts"
import { ProviderTrouble } from "./ProviderTrouble.ts"
import { nextAttemptAt } from "./rules/Retrying.ts"

/** How many deliveries are claimed: all of them start at once, so that their leases last. */
const concurrency = 8

/** The longest time for one delivery. */
const limit = "20 seconds"

/** For how many seconds a host holds a delivery: longer than the limit. Other hosts take over after that. */
const leaseSeconds = 25

/** How often to check whether another host has delivered the intent. */
const pollInterval = "50 millis"

/** After how many days a delivery is given up: more than it takes to notice a wrong key. */
const patienceDays = 30

/** How many intents of one purchase are delivered in a row while other purchases wait. */
const inARow = 10

/**
 * For how many minutes an unreadable entry is left to hosts of a newer release, and for how many it rests after each host
 * that cannot read it.
 */
const updateMinutes = { all: 60, rest: 10 }

export class BillingDelivery extends Context.Service<BillingDelivery, {
  /** Delivers a batch of due intents; returns how many reached the provider. */
  readonly deliverDue: Effect.Effect<number>
  /**
   * Delivers all intents of one purchase now, also the opening of a checkout that was given up, or waits for the host that
   * delivers them. Stops at the first failure.
   */
  deliver(purchaseId: PurchaseId): Effect.Effect<void>
}>()("@dchat/domain/billing/BillingDelivery") {
  static readonly layer = Layer.effect(
    BillingDelivery,
    Effect.gen(function*() {
      const outbox = yield* BillingOutbox
      const provider = yield* BillingProvider
      const repository = yield* SubscriptionRepository
      const syncs = yield* SyncRequests
      const trouble = yield* ProviderTrouble
      const { perform } = yield* makeBillingAccountSteps

      const say = (
        { userId }: ClaimedDelivery,
        command: SubscriptionCommandOf<"CheckoutOpened"> | SubscriptionCommandOf<"IntentRefused">
      ) =>
        DateTime.now.pipe(
          Effect.flatMap((observedAt) => perform(userId, command, { _tag: "Provider", observedAt })),
          Effect.catchTag(["AccountContended", "BillingAccountConflict"], Effect.die)
        )

      /** Finishes a delivery that was sent, or that is not needed any more. */
      const finish = Effect.fnUntraced(function*(delivery: ClaimedDelivery) {
        const now = yield* DateTime.now
        if (delivery.intent._tag !== "OpenCheckout") yield* syncs.request([delivery.purchaseId], now)
        yield* outbox.delivered(delivery, now)
      })

      const send = Effect.fnUntraced(function*(delivery: ClaimedDelivery) {
        const { thaws, userId } = delivery
        const intent = timelyIntent(yield* repository.load(userId), delivery, yield* DateTime.now)
        if (intent === undefined) return yield* finish(delivery)
        const timely = { ...delivery, intent }
        let { prepared } = delivery
        if (prepared === undefined) {
          prepared = yield* provider.prepare(timely, thaws)
          if (!(yield* outbox.freeze(delivery, prepared))) {
            return yield* new ProviderUnavailable({ detail: "another host works on this purchase" })
          }
        }
        const checkout = yield* provider.send(timely, prepared)
        if (intent._tag === "OpenCheckout" && Option.isSome(checkout)) {
          yield* say(delivery, { _tag: "CheckoutOpened", paymentId: intent.paymentId, checkout: checkout.value })
        }
        yield* finish(delivery)
      })

      const giveUp = Effect.fnUntraced(
        function*(delivery: ClaimedDelivery, error: ProviderRefused | ProviderUnavailable) {
          const { id, intent, purchaseId } = delivery
          const now = yield* DateTime.now
          yield* Effect.logError(`delivery ${id} (${intent._tag}) is now a dead letter: ${error.detail}`)
          yield* say(delivery, { _tag: "IntentRefused", purchaseId, intent })
          // A later replay needs another idempotency key, because the provider repeats its answer for the same key.
          yield* outbox.thaw(delivery)
          const refusals = yield* outbox.deadLetter(delivery, now, error.detail)
          // Each refusal delays the next question, so that question and refusal do not repeat without end.
          yield* syncs.request([purchaseId], now, refusals > 1 ? nextAttemptAt(now, refusals) : undefined)
        }
      )

      /** Gives up an unreadable entry after a while: the purchase follows the provider. */
      const setAside = Effect.fnUntraced(function*(entry: UnreadableDelivery) {
        const now = yield* DateTime.now
        if (DateTime.isLessThan(now, DateTime.add(entry.createdAt, { minutes: updateMinutes.all }))) {
          yield* outbox.postpone(entry, DateTime.add(now, { minutes: updateMinutes.rest }), unreadableEntry)
          return false
        }
        yield* Effect.logError(`delivery ${entry.id} cannot be read and is now a dead letter`)
        yield* outbox.deadLetter(entry, now, unreadableEntry)
        yield* syncs.request([entry.purchaseId], now)
        return true
      })

      /** Whether the delivery is finished, so that the next intent of the purchase can be sent. */
      const attempt = Effect.fn("BillingDelivery.attempt")(function*(delivery: ClaimedDelivery | UnreadableDelivery) {
        if (delivery.intent === undefined) return yield* setAside(delivery)
        const failure = yield* send(delivery).pipe(
          Effect.timeout(limit),
          Effect.catchTag("TimeoutError", () => new ProviderUnavailable({ detail: "no answer in time" })),
          Effect.as(undefined),
          Effect.catchDefect((defect) => Effect.succeed(new ProviderUnavailable({ detail: nameOf(defect) }))),
          Effect.catch((error) => Effect.succeed(error))
        )
        if (failure === undefined) return true
        const now = yield* DateTime.now
        const isTooOld = DateTime.isGreaterThan(now, DateTime.add(delivery.createdAt, { days: patienceDays }))
        if (failure._tag === "ProviderRefused" || isTooOld) {
          yield* giveUp(delivery, failure)
          return failure._tag === "ProviderRefused"
        }
        const { id, intent } = delivery
        yield* trouble.report(
          failure,
          `could not tell the payment provider ${intent._tag} (${id}) yet: ${failure.detail}`
        )
        if (failure.isAnswered === true) yield* outbox.thaw(delivery)
        yield* outbox.postpone(delivery, nextAttemptAt(now, delivery.attempts), failure.detail)
        return false
      })

      const leased = Effect.map(DateTime.now, (now) => ({ now, until: DateTime.add(now, { seconds: leaseSeconds }) }))

      /** Delivers the next intents of a purchase. */
      const goOnWith = Effect.fnUntraced(function*(purchaseId: PurchaseId) {
        for (let told = 1; told < inARow; told += 1) {
          const { now, until } = yield* leased
          const next = yield* outbox.claimOf(purchaseId, now, until)
          if (next === undefined || !(yield* attempt(next))) return
        }
      })

      /** Delivers all intents of a purchase, and waits for another host that delivers them. */
      const seeThrough = (purchaseId: PurchaseId): Effect.Effect<void> =>
        Effect.gen(function*() {
          const { now, until } = yield* leased
          const next = yield* outbox.claimOf(purchaseId, now, until)
          if (next !== undefined) return (yield* attempt(next)) ? yield* seeThrough(purchaseId) : undefined
          if (!(yield* outbox.waits(purchaseId))) return
          yield* Effect.sleep(pollInterval)
          yield* seeThrough(purchaseId)
        })

      /** Isolates a delivery: a defect, such as an account that cannot be read, blocks no other purchase. */
      const attemptAlone = (delivery: ClaimedDelivery | UnreadableDelivery) =>
        attempt(delivery).pipe(
          Effect.tap((isDone) => isDone ? goOnWith(delivery.purchaseId) : Effect.void),
          Effect.catchDefect((defect) =>
            Effect.gen(function*() {
              const now = yield* DateTime.now
              yield* Effect.logWarning(`could not continue the delivery ${delivery.id}`, defect)
              yield* outbox.postpone(delivery, nextAttemptAt(now, delivery.attempts), nameOf(defect))
              return false
            })
          )
        )

      const deliverDue = Effect.gen(function*() {
        const { now, until } = yield* leased
        const claimed = yield* outbox.claim(now, until, concurrency)
        const sent = yield* Effect.forEach(claimed, attemptAlone, { concurrency })
        return sent.filter(Boolean).length
      })

      return BillingDelivery.of({
        deliverDue,
        deliver: Effect.fn("BillingDelivery.deliver")(function*(purchaseId) {
          yield* outbox.replay({ purchaseId }, yield* DateTime.now)
          yield* seeThrough(purchaseId)
        })
      })
    })
  )
}

const nameOf = (defect: unknown): string => defect instanceof Error ? defect.name : "defect"
