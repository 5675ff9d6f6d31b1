/**
 * What goes on in the background of billing, on every host: deliveries, questions and what the provider told, every
 * second; and chores, for which all hosts together have a turn now and then. None of them waits for another.
 */
import { Clock, Context, DateTime, Effect, Layer } from "effect"
import { repeat } from "../loop/Loops.ts"
import { BillingDelivery } from "./BillingDelivery.ts"
import { BillingSync } from "./BillingSync.ts"
import { BillingOutbox } from "./ports/BillingOutbox.ts"
import { BillingTurns } from "./ports/BillingTurns.ts"
import { WebhookInbox } from "./ports/WebhookInbox.ts"
import { Reconciliation } from "./Reconciliation.ts"
import { Webhooks } from "./Webhooks.ts"

/** What was dealt with is kept this long, in days. */
const keptDays = 30

/** How many entries are forgotten in one go, and how many purchases are looked after. */
const batch = 10_000

/** A round begins nothing more after this time, in nanoseconds, however much is left to be done. */
const round = 60_000_000_000n

/** Seconds between two turns of a chore that is done now and then. */
const nowAndThen = 600

const isAnyDone = (done: number) => done > 0

/** Does it again until nothing is left, or the round is over. */
const inRounds = (work: Effect.Effect<number>, isLeft: (done: number) => boolean) =>
  Effect.flatMap(Clock.monotonicTimeNanos, (begun) =>
    Effect.repeat(work, {
      while: (done) => Effect.map(Clock.monotonicTimeNanos, (now) => isLeft(done) && now - begun < round)
    }))

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

      const pass = Effect.gen(function*() {
        return (yield* webhooks.process) + (yield* delivery.deliverDue) + (yield* sync.syncDue)
      })

      return BillingWorkers.of({
        drain: pass.pipe(Effect.repeat({ while: isAnyDone }), Effect.asVoid)
      })
    })
  )

  /** Works for as long as the layer lives. What fails is reported and tried again, and holds up nothing else. */
  static readonly layerWorking = Layer.effectDiscard(
    Effect.gen(function*() {
      const webhooks = yield* Webhooks
      const delivery = yield* BillingDelivery
      const sync = yield* BillingSync
      const reconciliation = yield* Reconciliation
      const inbox = yield* WebhookInbox
      const outbox = yield* BillingOutbox
      const turns = yield* BillingTurns

      const works = [
        { name: "process events of the payment provider", work: webhooks.process },
        { name: "send decisions to the payment provider", work: delivery.deliverDue },
        { name: "read purchases from the payment provider", work: sync.syncDue }
      ]
      for (const { name, work } of works) {
        yield* repeat({ name, every: "1 second", within: "10 minutes", isVital: false }, inRounds(work, isAnyDone))
      }

      const before = Effect.map(DateTime.now, (now) => DateTime.subtract(now, { days: keptDays }))
      const purged = (purge: (before: DateTime.Utc, limit: number) => Effect.Effect<number>) =>
        inRounds(Effect.flatMap(before, (time) => purge(time, batch)), (count) => count >= batch)

      const chores = [
        { name: "reconcile due purchases", work: reconciliation.due, seconds: nowAndThen },
        { name: "reconcile purchases without a recent read", work: reconciliation.unseen, seconds: 1 },
        { name: "delete old events of the payment provider", work: purged(inbox.purge), seconds: nowAndThen },
        {
          name: "delete old deliveries to the payment provider",
          work: Effect.andThen(outbox.wake(batch), purged(outbox.purge)),
          seconds: nowAndThen
        }
      ]
      for (const { name, seconds, work } of chores) {
        const inTurn = Effect.flatMap(turns.take(name, seconds), (isOurs) => isOurs ? work : Effect.void)
        const every = Math.min(seconds, 10) * 1000
        yield* repeat({ name, every, within: "10 minutes", isVital: false }, inTurn)
      }
    })
  )
}
