import {
  BillingDelivery,
  BillingOutbox,
  BillingSync,
  BillingTurns,
  BillingWorkers,
  Reconciliation,
  WebhookInbox,
  Webhooks
} from "@dchat/domain/billing"
import { Loops } from "@dchat/domain/loop"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"

/** The work of each worker, and the number of its runs. */
const counting = () => {
  const counts = new Map<string, number>()
  const count = <A>(name: string, work: Effect.Effect<A>) =>
    Effect.suspend(() => {
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return work
    })
  return { count, timesOf: (name: string) => counts.get(name) ?? 0 }
}

interface Works {
  readonly process?: Effect.Effect<number>
  readonly wake?: Effect.Effect<number>
  readonly purgeInbox?: Effect.Effect<number>
  readonly take?: (chore: string) => Effect.Effect<boolean>
}

/** A host of which these do as told, and all others find nothing to do. */
const host = ({ count }: ReturnType<typeof counting>, works: Works) => {
  const nothing = (name: string) => count(name, Effect.succeed(0))
  return BillingWorkers.layerWorking.pipe(
    Layer.provide([
      Layer.mock(Webhooks, { process: count("process", works.process ?? Effect.succeed(0)) }),
      Layer.mock(BillingDelivery, { deliverDue: nothing("deliver") }),
      Layer.mock(BillingSync, { syncDue: nothing("sync") }),
      Layer.mock(Reconciliation, { due: nothing("due"), unseen: nothing("unseen") }),
      Layer.mock(WebhookInbox, { purge: () => count("purge inbox", works.purgeInbox ?? Effect.succeed(0)) }),
      Layer.mock(BillingOutbox, {
        purge: () => nothing("purge outbox"),
        wake: () => count("wake", works.wake ?? Effect.succeed(0))
      }),
      Layer.succeed(BillingTurns, { take: works.take ?? (() => Effect.succeed(true)) })
    ]),
    Layer.provideMerge(Loops.layer),
    Layer.provide(Logger.layer([]))
  )
}

describe("The workers of billing", () => {
  it.effect("continue all other work while one task does not end", () => {
    const counts = counting()
    return Effect.gen(function*() {
      yield* TestClock.adjust("5 seconds")
      for (const name of ["deliver", "sync", "unseen"]) assert.isAtLeast(counts.timesOf(name), 4, name)
      for (const name of ["due", "wake", "purge outbox"]) assert.isAtLeast(counts.timesOf(name), 1, name)
    }).pipe(Effect.provide(host(counts, { process: Effect.never, purgeInbox: Effect.never })))
  })

  it.effect("continue all other work while one task fails", () => {
    const counts = counting()
    return Effect.gen(function*() {
      yield* TestClock.adjust("5 seconds")
      assert.isAtLeast(counts.timesOf("deliver"), 4)
      assert.isAtLeast(counts.timesOf("purge outbox"), 1)
    }).pipe(Effect.provide(host(counts, { process: Effect.die("a fault"), purgeInbox: Effect.die("a fault") })))
  })

  it.effect("end a round in time whatever the amount of work, so that no host appears to be late", () => {
    const counts = counting()
    return Effect.gen(function*() {
      yield* TestClock.adjust("25 minutes")
      assert.deepStrictEqual(yield* (yield* Loops).late, [])
      assert.isAbove(counts.timesOf("process"), 1000)
    }).pipe(Effect.provide(host(counts, { process: Effect.as(Effect.sleep("1 second"), 40) })))
  })

  it.effect("do a chore only on the host that has the turn of the chore", () => {
    const counts = counting()
    return Effect.gen(function*() {
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(counts.timesOf("due"), 0)
      assert.isAtLeast(counts.timesOf("unseen"), 1)
    }).pipe(Effect.provide(host(counts, { take: (chore) => Effect.succeed(!chore.includes("due")) })))
  })
})
