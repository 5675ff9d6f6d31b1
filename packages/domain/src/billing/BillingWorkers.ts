/**
 * What goes on in the background of billing, on every host: deliveries, questions and what the provider told, every
 * second; reconciliation every ten minutes and once a day.
 */
import { Clock, Context, DateTime, Effect, Layer, Schedule } from "effect"
import { BillingDelivery } from "./BillingDelivery.ts"
import { BillingOutbox } from "./BillingOutbox.ts"
import { BillingSync } from "./BillingSync.ts"
import { Reconciliation } from "./Reconciliation.ts"
import { WebhookInbox } from "./WebhookInbox.ts"
import { Webhooks } from "./Webhooks.ts"

const minute = 60 * 1000
const dueEvery = 10 * minute
const allEvery = 24 * 60 * minute

/** What was dealt with is kept this long, in days. */
const keptDays = 30

/** Of each kind, in one go. */
const batch = 10_000

export class BillingWorkers extends Context.Service<BillingWorkers, {
  /** Works until nothing is left to be done now. */
  readonly drain: Effect.Effect<void>
}>()("@dchat/domain/billing/BillingWorkers") {
  static readonly layer = Layer.effect(
    BillingWorkers,
    Effect.gen(function*() {
      const webhooks = yield* Webhooks
      const delivery = yield* BillingDelivery
      const sync = yield* BillingSync

      // A little of each in turn: a night's reconciliation holds up nothing that people wait for.
      const drain: Effect.Effect<void> = Effect.gen(function*() {
        const done = (yield* webhooks.process) + (yield* delivery.deliverDue) + (yield* sync.syncDue)
        if (done > 0) yield* drain
      })

      return BillingWorkers.of({ drain })
    })
  )

  /** Works for as long as the layer lives. What fails is reported and tried again. */
  static readonly layerWorking = Layer.effectDiscard(
    Effect.gen(function*() {
      const { drain } = yield* BillingWorkers
      const reconciliation = yield* Reconciliation
      const clock = yield* Clock.Clock
      const inbox = yield* WebhookInbox
      const outbox = yield* BillingOutbox
      const forget = Effect.gen(function*() {
        const before = DateTime.subtract(yield* DateTime.now, { days: keptDays })
        yield* inbox.purge(before, batch)
        yield* outbox.purge(before, batch)
      })
      let dueAt = clock.currentTimeMillisUnsafe()
      let allAt = dueAt + dueEvery

      const round = Effect.gen(function*() {
        const now = clock.currentTimeMillisUnsafe()
        if (now >= allAt) {
          yield* reconciliation.all
          allAt = now + allEvery
          dueAt = now + dueEvery
        } else if (now >= dueAt) {
          yield* reconciliation.due
          yield* forget
          dueAt = now + dueEvery
        }
        yield* drain
      })

      yield* round.pipe(
        Effect.catchCause((cause) => Effect.logWarning("billing could not go on", cause)),
        Effect.repeat(Schedule.spaced("1 second")),
        Effect.forkScoped
      )
    })
  )
}
