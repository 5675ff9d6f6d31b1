import type { Manner } from "@dchat/doubles/stripe"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { it } from "vitest"
import { stripeHost } from "./support/StripeHost.ts"
import { yearOfALife } from "./support/YearOfALife.ts"

layer(stripeHost, { excludeTestServices: true })("A year and more with Stripe", (it) => {
  it.effect("is the same here and there at every step, and can be listed page by page", () =>
    Effect.gen(function*() {
      const { ann } = yield* yearOfALife()
      const all = (yield* ann.get("history?limit=100")).json.payments
      const first = (yield* ann.get("history?limit=4")).json
      const rest = (yield* ann.get(`history?limit=100&cursor=${first.nextCursor}`)).json
      assert.deepStrictEqual([...first.payments, ...rest.payments], all)
      assert.isUndefined(rest.nextCursor)
      assert.strictEqual((yield* ann.get("history?limit=0")).status, 400)
    }), 60_000)
})

it("A year with lost, repeated and reordered events ends like any other", async () => {
  const live = (manner?: Manner) =>
    Effect.runPromise(
      Effect.map(yearOfALife(manner), ({ end }) => end).pipe(Effect.provide(Layer.fresh(stripeHost)))
    )
  const calm = await live()
  for (const seed of [1, 20, 300]) {
    const drop = (_: unknown, index: number) => (index + seed) % 3 === 0
    // oxlint-disable-next-line no-await-in-loop -- one machine for each, and a little of it at a time
    assert.deepStrictEqual(await live({ order: { shuffled: seed }, repeat: 3, drop }), calm)
  }
  assert.deepStrictEqual(await live({ drop: () => true }), calm)
}, 120_000)
