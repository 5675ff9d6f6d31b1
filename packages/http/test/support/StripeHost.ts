/**
 * A running host beside a stand-in for Stripe. Both read one clock, and what the stand-in tells waits until the test
 * lets it through.
 */
import { syncPlans } from "@dchat/adapters/stripe"
import { BillingWorkers, SyncRequests } from "@dchat/domain/billing"
import { defaultPlans } from "@dchat/domain/subscription"
import { AdjustableClock, type Manner, StripeDouble } from "@dchat/doubles/stripe"
import { Context, DateTime, Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { layer as database } from "../../../adapters/test/support/TestDatabase.ts"
import { StripeServices } from "../../src/host/BillingLayers.ts"
import { BillingPorts, DatabasePorts } from "../../src/host/Layers.ts"
import { payingHost, TestHost } from "./TestHost.ts"

export class StripeStandIn extends Context.Service<StripeStandIn, StripeDouble.StripeDouble>()("test/StripeStandIn") {}

export const webhookSecrets = ["whsec_older_of_the_tests", "whsec_of_the_tests"]

const noon = Date.UTC(2027, 0, 31, 12)

const standIn = Layer.effect(
  StripeStandIn,
  Effect.suspend(() => StripeDouble.make({ clock: AdjustableClock.make(noon, true) }))
)

const apiBaseOf = ({ origin, secretKey }: StripeDouble.StripeDouble) => ({
  secretKey: Redacted.make(secretKey),
  apiBase: new URL(origin)
})

const endpoint = Layer.effectDiscard(Effect.gen(function*() {
  const { url } = yield* TestHost
  const double = yield* StripeStandIn
  yield* double.sendImmediately(false)
  yield* double.addEndpoint(`${url.replace("localhost", "127.0.0.1")}/webhooks/stripe`, webhookSecrets[1] ?? "")
  yield* syncPlans(apiBaseOf(double), defaultPlans)
}))

/** Nothing is done in the background: `caughtUp` does it. */
export const stripeHost = endpoint.pipe(
  Layer.provideMerge(
    Layer.unwrap(Effect.map(StripeStandIn, (double) =>
      payingHost(
        Layer.merge(DatabasePorts, BillingPorts).pipe(Layer.provideMerge(database)),
        StripeServices({
          ...apiBaseOf(double),
          webhookSecrets: webhookSecrets.map((secret) => Redacted.make(secret))
        })
      ).pipe(Layer.provideMerge(double.clock.layer))))
  ),
  Layer.provideMerge(standIn)
)

/** Lets through what the stand-in has to tell, and does what follows from it. */
export const caughtUp = Effect.fnUntraced(function*(manner?: Manner) {
  const double = yield* StripeStandIn
  const { drain } = yield* BillingWorkers
  yield* double.deliver(manner)
  yield* drain
})

/** Makes every account overdue for the daily reconciliation. */
export const reconciled = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`UPDATE purchases SET look_at = '-infinity' WHERE look_at IS NOT NULL`
  const now = yield* DateTime.now
  yield* (yield* SyncRequests).requestUnseen({ now, restUntil: now, limit: 1000 })
  yield* (yield* BillingWorkers).drain
})

/** Puts the clock forward, for Stripe and for the host. */
export const until = Effect.fnUntraced(function*(time: DateTime.DateTime.Input) {
  yield* (yield* StripeStandIn).advanceTo(DateTime.makeUnsafe(time).epochMilliseconds)
})
