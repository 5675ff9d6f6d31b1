/**
 * Somebody who sells by the double, through Stripe's own library.
 */
import { AdjustableClock, StripeDouble } from "@dchat/doubles/stripe"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { Stripe } from "stripe"

/** The noon at which every test begins, in seconds. */
export const opening = Date.UTC(2027, 0, 15, 12) / 1000

export const day = 24 * 3600

/** In seconds. */
export const at = (year: number, month: number, date: number): number => Date.UTC(year, month - 1, date, 12) / 1000

const { StripeError } = Stripe.errors

export const refusal = <A>(run: () => Promise<A>) =>
  Effect.promise(() =>
    run().then(() => assert.fail("was not refused"), (error: unknown) => {
      if (!(error instanceof StripeError)) throw error
      return {
        message: error.message,
        status: error.statusCode,
        code: error.code,
        param: error.param,
        headers: error.headers
      }
    })
  )

export const makeShop = Effect.gen(function*() {
  const double = yield* StripeDouble.make({ clock: AdjustableClock.make(opening * 1000, true) })
  const { hostname: host, port } = new URL(double.origin)
  const stripe = new Stripe(double.secretKey, { host, port, protocol: "http", maxNetworkRetries: 0, telemetry: false })
  const ask = <A>(run: (stripe: Stripe) => Promise<A>) => Effect.promise(() => run(stripe))
  const product = yield* ask((it) => it.products.create({ name: "Plan" }))
  const price = (unit_amount: number, interval: "month" | "year") =>
    ask((it) => it.prices.create({ product: product.id, currency: "usd", unit_amount, recurring: { interval } }))
  const { id: small } = yield* price(500, "month")
  const { id: large } = yield* price(2000, "month")
  const { id: yearly } = yield* price(5000, "year")

  const attach = (customer: string, card: string) =>
    Effect.map(ask((it) => it.paymentMethods.attach(card, { customer })), ({ id }) => id)

  const look = (id: string) => ask((it) => it.subscriptions.retrieve(id))
  const itemOf = ({ items: { data: [item] } }: Stripe.Subscription) => item ?? assert.fail("no item")

  return {
    double,
    stripe,
    ask,
    attach,
    look,
    itemOf,
    prices: { small, large, yearly },
    /** With a card of its own, as a checkout leaves it. */
    subscribe: Effect.fnUntraced(function*(price: string, card = "pm_card_visa") {
      const { id: customer } = yield* ask((it) => it.customers.create({ email: "ann@example.com" }))
      const default_payment_method = yield* attach(customer, card)
      const subscription = yield* ask((it) =>
        it.subscriptions.create({
          customer,
          default_payment_method,
          items: [{ price }],
          payment_behavior: "error_if_incomplete"
        })
      )
      return { customer, card: default_payment_method, id: subscription.id, item: itemOf(subscription).id }
    }),
    /** Goes over to another price with the next period. */
    schedule: Effect.fnUntraced(function*(
      subscription: string,
      price: string,
      kept: Stripe.SubscriptionScheduleUpdateParams.Phase | object = {},
      next: object = {}
    ) {
      const made = yield* ask((it) => it.subscriptionSchedules.create({ from_subscription: subscription }))
      const [running] = made.phases
      const { current_period_end, price: now } = itemOf(yield* look(subscription))
      return yield* ask((it) =>
        it.subscriptionSchedules.update(made.id, {
          phases: [
            {
              items: [{ price: now.id }],
              start_date: running?.start_date ?? 0,
              end_date: current_period_end,
              ...kept
            },
            {
              items: [{ price }],
              proration_behavior: "none",
              duration: { interval: "month", interval_count: 1 },
              ...kept,
              ...next
            }
          ]
        })
      )
    }),
    invoicesOf: (subscription: string) =>
      Effect.map(ask((it) => it.invoices.list({ subscription, limit: 100 })), ({ data }) => data),
    /** In seconds. */
    until: (time: number) => double.advanceTo(time * 1000)
  }
})
