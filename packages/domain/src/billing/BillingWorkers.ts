/**
 * The background work of billing. Every host works on deliveries, questions and webhook events every second. Chores are done
 * by one host at a time. No kind of work waits for another.
 */
import { Clock, Context, DateTime, Effect, Layer } from "effect"
import { repeat } from "../loop/index.ts"
import { BillingDelivery } from "./BillingDelivery.ts"
import { BillingSync } from "./BillingSync.ts"
import { BillingOutbox } from "./ports/BillingOutbox.ts"
import { BillingTurns } from "./ports/BillingTurns.ts"
import { WebhookInbox } from "./ports/WebhookInbox.ts"
import { Reconciliation } from "./Reconciliation.ts"
import { Webhooks } from "./Webhooks.ts"

/** For how many days finished entries are kept. */
const keptDays = 30

/** How many entries one statement deletes or wakes. */
const batch = 10_000

/** The longest time in which a round starts new work, in nanoseconds. */
const round = 60_000_000_000n

/** Seconds between two turns of a slow chore. */
const nowAndThen = 600

const isAnyDone = (done: number) => done > 0

/** Repeats the work until nothing is left, or until the round is over. */
const inRounds = (work: Effect.Effect<number>, isLeft: (done: number) => boolean) =>
  Effect.flatMap(Clock.monotonicTimeNanos, (begun) =>
    Effect.repeat(work, {
      while: (done) => Effect.map(Clock.monotonicTimeNanos, (now) => isLeft(done) && now - begun < round)
    }))

export class BillingWorkers extends Context.Service<BillingWorkers, {
  /** Works until no work is due. */
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

  /** Works while the layer lives. A failure is logged and tried again, and blocks no other work. */
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
