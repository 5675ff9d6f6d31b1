/**
 * What goes on in the background of billing, on every host: deliveries, questions and what the provider told, every
 * second; reconciliation of what is due every ten minutes, and of what nobody has looked at little by little.
 */
import { Clock, Context, DateTime, Effect, Layer } from "effect"
import { repeat } from "../loop/Loops.ts"
import { BillingDelivery } from "./BillingDelivery.ts"
import { BillingOutbox } from "./BillingOutbox.ts"
import { BillingSync } from "./BillingSync.ts"
import { Reconciliation } from "./Reconciliation.ts"
import { WebhookInbox } from "./WebhookInbox.ts"
import { Webhooks } from "./Webhooks.ts"

/** In milliseconds. */
const minute = 60 * 1000

/** What was dealt with is kept this long, in days. */
const keptDays = 30

/** Of each kind, in one go. */
const batch = 10_000

export class BillingWorkers extends Context.Service<BillingWorkers, {
  /** A little of each in turn: a night's reconciliation holds up nothing that people wait for. Returns how much was done. */
  readonly pass: Effect.Effect<number>
  /** Works until nothing is left to be done now. */
  readonly drain: Effect.Effect<void>
}>()("@dchat/domain/billing/BillingWorkers") {
  static readonly layer = Layer.effect(
    BillingWorkers,
    Effect.gen(function*() {
      const webhooks = yield* Webhooks
      const delivery = yield* BillingDelivery
      const sync = yield* BillingSync

      const pass = Effect.gen(function*() {
        return (yield* webhooks.process) + (yield* delivery.deliverDue) + (yield* sync.syncDue)
      })

      return BillingWorkers.of({
        pass,
        drain: pass.pipe(Effect.repeat({ while: (done) => done > 0 }), Effect.asVoid)
      })
    })
  )

  /** Works for as long as the layer lives. What fails is reported and tried again, and holds up nothing else. */
  static readonly layerWorking = Layer.effectDiscard(
    Effect.gen(function*() {
      const { pass } = yield* BillingWorkers
      const reconciliation = yield* Reconciliation
      const inbox = yield* WebhookInbox
      const outbox = yield* BillingOutbox
      const clock = yield* Clock.Clock

      yield* repeat(
        { name: "go on with billing", every: "1 second", within: "10 minutes", isVital: false },
        Effect.repeat(pass, { while: (done) => done > 0 })
      )

      const forget = Effect.gen(function*() {
        const before = DateTime.subtract(yield* DateTime.now, { days: keptDays })
        return Math.max(yield* inbox.purge(before, batch), yield* outbox.purge(before, batch))
      }).pipe(Effect.repeat({ while: (count) => count >= batch }))

      const chores = [
        { what: "reconcile what is due", work: reconciliation.due, first: 0, every: 10 * minute },
        { what: "reconcile what was not looked at", work: reconciliation.unseen, first: 0, every: 1000 },
        { what: "forget what is done with", work: forget, first: minute, every: 10 * minute }
      ]
      for (const { every, first, what, work } of chores) {
        let dueAt = clock.currentTimeMillisUnsafe() + first
        const whenDue = Effect.suspend(() => {
          const now = clock.currentTimeMillisUnsafe()
          if (now < dueAt) return Effect.void
          dueAt = now + every
          return work
        })
        yield* repeat({ name: what, every: "1 second", within: "6 hours", isVital: false }, whenDue)
      }
    })
  )
}
