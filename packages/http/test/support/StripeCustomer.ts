/**
 * A user who pays by Stripe, with the state at Stripe.
 */
import { UserId } from "@dchat/domain/identity"
import { SubscriptionRepository } from "@dchat/domain/subscription"
import type { Documents } from "@dchat/doubles/stripe"
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { generatePrivateKey } from "viem/accounts"
import { caughtUp, StripeStandIn } from "./StripeHost.ts"
import { TestHost } from "./TestHost.ts"

const root = "/api/subscriptions"

export const monthly = { tier: "PRO", period: "monthly", method: "stripe" }

export const sessionOf = (url: string): string => url.split("/").at(-1) ?? ""

/** Signs in anew each time: between two things that they do, months may pass. */
export const makeCustomer = Effect.gen(function*() {
  const { send, signIn } = yield* TestHost
  const double = yield* StripeStandIn
  const key = generatePrivateKey()
  const { id } = yield* signIn(key)
  const post = (path: string, body?: object, idempotencyKey?: string) =>
    Effect.flatMap(signIn(key), (person) =>
      person.post(
        `${root}/${path}`,
        body,
        idempotencyKey === undefined ? {} : { headers: { "idempotency-key": idempotencyKey } }
      ))
  const get = (path: string) => Effect.flatMap(signIn(key), (person) => person.get(`${root}/${path}`))
  const me = Effect.map(get("me"), ({ json }) => json)
  const account = Effect.flatMap(SubscriptionRepository, (repository) => repository.load(UserId.make(id)))
  /** The newest subscription at the double. */
  const truth = Effect.gen(function*() {
    const { subscriptions } = yield* account
    const externalId = subscriptions.findLast((it) => it.externalId !== undefined)?.externalId ?? ""
    return yield* double.books((books) => books.subscriptions.get(externalId))
  })
  const buy = Effect.fnUntraced(function*(body: object = monthly) {
    const placed = yield* post("create", body)
    assert.strictEqual(placed.status, 201, placed.text)
    assert.isTrue(yield* double.pay(sessionOf(placed.json.payment.checkoutUrl)))
    yield* caughtUp()
  })
  /** Deletes the account. */
  const leave = Effect.gen(function*() {
    const { token } = yield* signIn(key)
    const { status, text } = yield* send("DELETE", "/auth/me", { token })
    assert.isBelow(status, 300, text)
  })
  /** Asserts that the state here is the state at Stripe. */
  const agrees = Effect.gen(function*() {
    const { paidThrough, state, ending, terms } = (yield* account).subscriptions.findLast((it) =>
      it.externalId !== undefined
    ) ?? assert.fail("no subscription")
    const told = yield* truth
    const item = told.items.data[0] as Documents.Item
    const expected = {
      canceled: ["cancelled", "expired", "refunded"],
      past_due: ["past_due"],
      active: ["active", "suspended"]
    }
    assert.include(expected[told.status as keyof typeof expected], state)
    assert.strictEqual(terms.tier, item.price.metadata["dchat_tier"])
    if (told.status !== "canceled") {
      assert.strictEqual(ending?.endsAt.epochMilliseconds, told.cancel_at === null ? undefined : told.cancel_at * 1000)
    }
    if (told.status === "active") {
      assert.strictEqual(paidThrough?.epochMilliseconds, item.current_period_end * 1000)
    }
    const paid = yield* double.books((books) =>
      books.invoices.list((it) => it.customer === told.customer && it.status === "paid").map(({ id }) => id)
    )
    const recorded = (yield* account).payments.flatMap(({ externalId, state }) =>
      state === "settled" && externalId?.startsWith("in_") ? [externalId] : []
    )
    assert.sameMembers<string>(recorded, [...paid])
  })
  return { id, post, get, me, account, truth, buy, leave, agrees }
})
