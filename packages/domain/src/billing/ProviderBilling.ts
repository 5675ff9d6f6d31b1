/**
 * Implements `Billing` by the payment provider.
 */
import { DateTime, Effect, Layer, Option } from "effect"
import {
  Billing,
  NoCustomer,
  paymentsOf,
  type PurchaseId,
  StripeUnavailable,
  SubscriptionRepository
} from "../subscription/index.ts"
import { BillingDelivery } from "./BillingDelivery.ts"
import { BillingSync } from "./BillingSync.ts"
import { BillingOutbox } from "./ports/BillingOutbox.ts"
import { BillingProvider } from "./ports/BillingProvider.ts"
import { SyncRequests } from "./ports/SyncRequests.ts"
import { ProviderTrouble, type Trouble } from "./ProviderTrouble.ts"

/** The longest time that a user waits for the provider. */
const requestTimeout = "10 seconds"

export const layer = Layer.effect(
  Billing,
  Effect.gen(function*() {
    const provider = yield* BillingProvider
    const delivery = yield* BillingDelivery
    const sync = yield* BillingSync
    const syncs = yield* SyncRequests
    const outbox = yield* BillingOutbox
    const repository = yield* SubscriptionRepository
    const trouble = yield* ProviderTrouble

    /** Logs a failure of the provider. */
    const asking = <A, E extends Trouble>(effect: Effect.Effect<A, E>) =>
      effect.pipe(
        Effect.tapError((error) => trouble.report(error)),
        Effect.timeout(requestTimeout),
        Effect.mapError(() => new StripeUnavailable())
      )

    const flush = Effect.fn("Billing.flush")(function*(purchaseId: PurchaseId) {
      const told = Effect.andThen(delivery.deliver(purchaseId), sync.sync(purchaseId))
      yield* Effect.timeoutOption(told, requestTimeout)
    })

    return Billing.of({
      require: Effect.void,
      flush,
      ask: Effect.fn("Billing.ask")(function*(purchaseId) {
        yield* syncs.request([purchaseId], yield* DateTime.now)
        yield* flush(purchaseId)
      }),
      close: Effect.fn("Billing.close")(function*(userId, purchaseId) {
        // Deliver first: an opening without an answer may still open a page.
        yield* Effect.timeoutOption(delivery.deliver(purchaseId), requestTimeout)
        const account = yield* repository.load(userId)
        const session = paymentsOf(account, purchaseId).flatMap(({ checkout }) => checkout?.sessionId ?? [])[0]
        if (session === undefined) {
          if (yield* outbox.waits(purchaseId)) return yield* new StripeUnavailable()
          return true
        }
        const outcome = yield* asking(provider.closeCheckout(session))
        if (outcome === "closed") return true
        yield* syncs.request([purchaseId], yield* DateTime.now)
        yield* flush(purchaseId)
        return false
      }),
      previewChange: Effect.fn("Billing.previewChange")(function*({ externalId }, terms, prorationDate) {
        if (externalId === undefined) return yield* new StripeUnavailable()
        return { ...(yield* asking(provider.previewChange(externalId, terms, prorationDate))), prorationDate }
      }),
      portal: Effect.fn("Billing.portal")(function*(userId, subscription) {
        const page = yield* asking(provider.portal(userId, subscription?.externalId))
        return yield* Option.match(page, {
          onNone: () => Effect.fail(new NoCustomer()),
          onSome: (url) => Effect.succeed(url)
        })
      })
    })
  })
)
