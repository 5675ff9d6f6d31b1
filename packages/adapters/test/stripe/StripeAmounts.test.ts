import { syncPlans } from "@dchat/adapters/stripe"
import { defaultPlans, type Money, type Plans } from "@dchat/domain/subscription"
import { StripeDouble } from "@dchat/doubles/stripe"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { fromStripe, toStripe } from "../../src/stripe/StripeAmounts.ts"
import { termsOfPrice } from "../../src/stripe/StripePrices.ts"

const of = (currency: string, minorUnits: bigint): Money => ({ currency, minorUnits })

/** What ISO 4217 has, and what Stripe wants for it: https://docs.stripe.com/currencies. */
const amounts: ReadonlyArray<readonly [string, bigint, number]> = [
  ["USD", 499n, 499],
  ["EUR", 1n, 1],
  ["JPY", 500n, 500],
  ["KRW", 6900n, 6900],
  ["CLP", 4990n, 4990],
  ["XOF", 3000n, 3000],
  ["ISK", 690n, 69_000],
  ["UGX", 18_000n, 1_800_000],
  ["HUF", 199_000n, 199_000],
  ["TWD", 15_000n, 15_000],
  ["MGA", 220_000n, 2200],
  ["KWD", 1530n, 1530],
  ["BHD", 10n, 10],
  ["JPY", 0n, 0]
]

describe("An amount", () => {
  it.effect("is written as Stripe writes the currency, and read back unchanged", () =>
    Effect.gen(function*() {
      for (const [currency, minorUnits, amount] of amounts) {
        assert.strictEqual(yield* toStripe(of(currency, minorUnits)), amount, currency)
        assert.deepStrictEqual(fromStripe(amount, currency.toLowerCase()), of(currency, minorUnits))
      }
    }))

  it.effect("is refused, and not rounded, when it is finer than Stripe's unit", () =>
    Effect.gen(function*() {
      for (const [currency, minorUnits] of [["KWD", 1535n], ["TND", 1n], ["MGA", 220_050n]] as const) {
        assert.strictEqual((yield* Effect.flip(toStripe(of(currency, minorUnits))))._tag, "ProviderRefused", currency)
      }
    }))

  it("is rounded down to the smallest unit of the currency when it comes from Stripe", () => {
    assert.deepStrictEqual(fromStripe(1050, "isk"), of("ISK", 10n))
  })

  it.effect("is the price of a plan at Stripe, and is found again unchanged", () =>
    Effect.gen(function*() {
      const double = yield* StripeDouble.make()
      const access = { secretKey: Redacted.make(double.secretKey), apiBase: new URL(double.origin) }
      const plansIn = (currency: string, minorUnits: bigint): Plans => {
        const [free, pro = assert.fail("no plan")] = defaultPlans
        const [nothing, price] = [of(currency, 0n), of(currency, minorUnits)]
        return [
          { ...free, prices: { monthly: nothing, yearly: nothing, nft: nothing } },
          { ...pro, prices: { monthly: price, yearly: price, nft: price } }
        ]
      }
      for (const [currency, minorUnits, amount] of [["ISK", 690n, 69_000], ["JPY", 690n, 690]] as const) {
        const plans = plansIn(currency, minorUnits)
        yield* syncPlans(access, plans)
        const again = yield* syncPlans(access, plans)
        assert.deepStrictEqual(again.map(({ outcome }) => outcome), ["kept", "kept", "kept"])
        const price = yield* double.books((books) =>
          books.prices.list((it) => it.lookup_key === "dchat_pro_monthly" && it.active).at(-1)
        )
        assert.deepInclude(price, { currency: currency.toLowerCase(), unit_amount: amount })
        const terms = termsOfPrice(price ?? assert.fail("no price"))
        assert.deepStrictEqual(Option.getOrThrow(terms).price, of(currency, minorUnits))
      }
      assert.strictEqual((yield* Effect.flip(syncPlans(access, plansIn("KWD", 1535n))))._tag, "ProviderRefused")
    }).pipe(Effect.scoped))
})
