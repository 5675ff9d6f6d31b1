/**
 * What Stripe has to do for us, and how it is understood: the same for Stripe's test mode and for the stand-in.
 */
import { type StripeAccess, StripeBilling, syncPlans } from "@dchat/adapters/stripe"
import { BillingCustomers, BillingProvider, type Delivery, type ProviderUnavailable } from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import {
  type BillingIntent,
  defaultPlans,
  type ExternalId,
  type LifetimeTerms,
  type Membership,
  OutboxId,
  PaymentId,
  type PlanTerms,
  type ProviderSnapshot,
  PurchaseId,
  type Subscription
} from "@dchat/domain/subscription"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { assert, layer } from "@effect/vitest"
import { Context, DateTime, Effect, Layer, Option, Redacted, Schedule } from "effect"
import { SecureRandom } from "effect/crypto"
import { lifetime, plan } from "../../../domain/test/subscription/accounts.ts"
import { makePayer } from "./Payer.ts"

/** Where Stripe is, or what stands in for it. */
export class StripeSide extends Context.Service<StripeSide, StripeAccess>()("test/StripeSide") {}

const webhookSecret = "whsec_of_the_contract"

const newId = () => SecureRandom.uuidV7Unsafe()

const customers = Layer.sync(BillingCustomers, () => {
  const kept = new Map<UserId, ExternalId>()
  return BillingCustomers.of({
    find: (userId) => Effect.sync(() => Option.fromUndefinedOr(kept.get(userId))),
    keep: (userId, customer) =>
      Effect.sync(() => {
        const known = kept.get(userId) ?? customer
        kept.set(userId, known)
        return known
      }),
    forget: (userId, customer) =>
      Effect.sync(() => {
        if (kept.get(userId) === customer) kept.delete(userId)
      })
  })
})

const provider = Layer.unwrap(Effect.map(StripeSide, (access) =>
  StripeBilling.layer({
    ...access,
    webhookSecrets: [Redacted.make("whsec_another"), Redacted.make(webhookSecret)],
    returnTo: new URL("http://127.0.0.1:4999/#plan")
  }))).pipe(Layer.provideMerge(customers), Layer.provide(NodeCrypto.layerSecureRandom))

const plans = Layer.effectDiscard(Effect.flatMap(StripeSide, (access) => syncPlans(access, defaultPlans)))

const monthly = plan("PRO", "monthly")

/** Somebody, and what they have bought. */
const buyer = Effect.fnUntraced(function*(
  terms: PlanTerms = monthly,
  card: "works" | "disputed" = "works"
) {
  const payer = yield* makePayer(yield* StripeSide)
  const purchaseId = PurchaseId.make(newId())
  const externalId = yield* payer.subscribe(purchaseId, terms, card)
  const begunAt = yield* payer.now
  const subscription: Subscription = {
    id: purchaseId,
    state: "active",
    terms,
    method: "stripe",
    biller: "stripe",
    autoRenew: true,
    createdAt: begunAt,
    lapsesAt: DateTime.add(begunAt, { hours: 23 }),
    externalId
  }
  return { ...payer, ...speaking(payer.userId, subscription), purchaseId, externalId }
})

const patiently = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.retry(effect, {
    while: (error) => error._tag === ("ProviderUnavailable" satisfies ProviderUnavailable["_tag"]),
    schedule: Schedule.exponential("500 millis"),
    times: 5
  })

/** What is told of a purchase, and what is seen of it. */
const speaking = (userId: UserId, purchase: Subscription | Membership) => {
  const deliveryOf = (intent: BillingIntent): Delivery => ({
    id: OutboxId.make(newId()),
    userId,
    purchaseId: purchase.id,
    intent
  })
  const deliver = Effect.fnUntraced(function*(delivery: Delivery) {
    const { prepare, send } = yield* BillingProvider
    const prepared = yield* patiently(prepare(delivery, 1))
    return yield* patiently(send(delivery, prepared))
  })
  const seen = Effect.flatMap(
    BillingProvider,
    ({ observe }) => Effect.flatMap(DateTime.now, (now) => patiently(observe(userId, purchase, [], now)))
  )
  return {
    deliveryOf,
    deliver,
    tell: (intent: BillingIntent) => deliver(deliveryOf(intent)),
    /** Some of what happens at Stripe takes it a while. */
    see: (holds: (snapshot: ProviderSnapshot) => boolean = () => true) =>
      Effect.repeat(seen, {
        until: holds,
        schedule: Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(60)])
      })
  }
}

const days = (at: DateTime.Utc, count: number) => DateTime.add(at, { days: count })

/** An invoice of a renewal stays a draft for an hour. */
const invoiced = (at: DateTime.Utc) => DateTime.add(at, { hours: 2 })

const begunOf = ({ subscription }: ProviderSnapshot) => subscription ?? assert.fail("no subscription")

const paidOf = ({ payments }: ProviderSnapshot, index = 0) => payments[index] ?? assert.fail("nothing was paid")

const limit = 300_000

export const stripeContract = (name: string, side: Layer.Layer<StripeSide>) => {
  const everything = plans.pipe(Layer.provideMerge(provider), Layer.provideMerge(side))

  layer(Layer.orDie(everything), { excludeTestServices: true, timeout: limit })(name, (it) => {
    it.effect("keeps the plans that are unchanged", () =>
      Effect.gen(function*() {
        const synced = yield* syncPlans(yield* StripeSide, defaultPlans)
        assert.deepStrictEqual(synced.map(({ outcome }) => outcome), Array.from({ length: 6 }, () => "kept" as const))
      }), limit)

    it.effect("opens one checkout for repeated requests, and closes it", () =>
      Effect.gen(function*() {
        const { closeCheckout } = yield* BillingProvider
        const payer = yield* makePayer(yield* StripeSide)
        const now = yield* DateTime.now
        const lapsesAt = DateTime.add(now, { hours: 23 })
        const begun = {
          id: PurchaseId.make(newId()),
          state: "pending",
          method: "stripe",
          createdAt: now,
          lapsesAt
        } as const
        const subscription: Subscription = { ...begun, terms: monthly, biller: "stripe", autoRenew: true }
        const membership: Membership = { ...begun, id: PurchaseId.make(newId()), terms: lifetime("PRO") }
        for (const purchase of [subscription, membership]) {
          const { deliver, deliveryOf, see } = speaking(payer.userId, purchase)
          const delivery = deliveryOf({
            _tag: "OpenCheckout",
            paymentId: PaymentId.make(newId()),
            terms: purchase.terms,
            mode: "biller" in purchase ? "subscription" : "lifetime",
            expiresAt: lapsesAt
          })
          const first = Option.getOrThrow(yield* deliver(delivery))
          assert.deepStrictEqual(Option.getOrThrow(yield* deliver(delivery)), first)
          assert.isTrue(URL.canParse(first.url))
          const { sessionId } = first
          assert.deepStrictEqual((yield* see()).checkout, { sessionId, state: "open" })
          assert.strictEqual(yield* closeCheckout(sessionId), "closed")
          assert.strictEqual(yield* closeCheckout(sessionId), "closed")
          assert.deepStrictEqual((yield* see()).checkout, { sessionId, state: "expired" })
        }
      }), limit)

    it.effect("reads what was bought, and by which customer", () =>
      Effect.gen(function*() {
        const { purchaseOf } = yield* BillingProvider
        const { externalId, now, purchaseId, see } = yield* buyer()
        const snapshot = yield* see()
        const { anchor, endedUnpaid, endsAt, periodEnd, periodStart, status, terms } = begunOf(snapshot)
        assert.deepStrictEqual({ status, terms, endsAt, endedUnpaid }, {
          status: "active",
          terms: monthly,
          endsAt: undefined,
          endedUnpaid: false
        })
        const { amount, externalId: invoice, kind, paymentIntent, receiptUrl, ...paid } = paidOf(snapshot)
        assert.deepStrictEqual({ amount, kind }, { amount: monthly.price, kind: "first" })
        assert.deepStrictEqual([paid.periodStart, paid.periodEnd], [periodStart, periodEnd])
        assert.isTrue(receiptUrl !== undefined && URL.canParse(receiptUrl))
        assert.isTrue(DateTime.isLessThanOrEqualTo(anchor, yield* now))
        for (const reference of [externalId, invoice, paymentIntent ?? assert.fail("no payment intent")]) {
          assert.deepStrictEqual(yield* patiently(purchaseOf(reference)), Option.some(purchaseId))
        }
      }), limit)

    it.effect("reads a lifetime purchase", () =>
      Effect.gen(function*() {
        const { observe, purchaseOf } = yield* BillingProvider
        const payer = yield* makePayer(yield* StripeSide)
        const terms: LifetimeTerms = lifetime("PRO")
        const id = PurchaseId.make(newId())
        const intent = yield* payer.buyForGood(id, terms)
        const now = yield* DateTime.now
        const membership: Membership = { id, state: "active", terms, method: "stripe", createdAt: now, lapsesAt: now }
        const paid = {
          id: PaymentId.make(newId()),
          purchaseId: id,
          kind: "lifetime",
          method: "stripe",
          state: "settled",
          amount: terms.price,
          createdAt: now,
          externalId: intent,
          paymentIntent: intent,
          refunds: [],
          disputes: []
        } as const
        const { amount, id: paymentId, kind } = paidOf(
          yield* patiently(observe(payer.userId, membership, [paid], now))
        )
        assert.deepStrictEqual({ amount, id: paymentId, kind }, { amount: terms.price, id: paid.id, kind: "lifetime" })
        assert.deepStrictEqual(yield* patiently(purchaseOf(intent)), Option.some(id))
      }), limit)

    it.effect("ends the subscription with the period, and undoes that", () =>
      Effect.gen(function*() {
        const { endAt, externalId, see, tell } = yield* buyer()
        const { periodEnd } = begunOf(yield* see())
        yield* tell({ _tag: "CancelAtPeriodEnd", externalId })
        yield* tell({ _tag: "CancelAtPeriodEnd", externalId })
        assert.deepStrictEqual(begunOf(yield* see()).endsAt, periodEnd)
        yield* tell({ _tag: "UndoCancel", externalId })
        yield* tell({ _tag: "UndoCancel", externalId })
        assert.isUndefined(begunOf(yield* see()).endsAt)
        yield* endAt(externalId, periodEnd)
        assert.deepStrictEqual(begunOf(yield* see()).endsAt, periodEnd)
        yield* tell({ _tag: "UndoCancel", externalId })
        assert.isUndefined(begunOf(yield* see()).endsAt)
      }), limit)

    it.effect("ends the subscription when its period ends", () =>
      Effect.gen(function*() {
        const { externalId, see, tell, waitUntil } = yield* buyer()
        const { periodEnd } = begunOf(yield* see())
        yield* tell({ _tag: "CancelAtPeriodEnd", externalId })
        yield* waitUntil(invoiced(periodEnd))
        const over = yield* see(({ subscription }) => subscription?.status === "canceled")
        assert.deepStrictEqual(begunOf(over).endedAt, periodEnd)
        assert.lengthOf(over.payments, 1)
      }), limit)

    it.effect("upgrades at once, at the price that was previewed", () =>
      Effect.gen(function*() {
        const { previewChange } = yield* BillingProvider
        const { externalId, now, see, tell, waitUntil } = yield* buyer()
        const terms = plan("ENTERPRISE", "monthly")
        yield* waitUntil(days(yield* now, 10))
        const prorationDate = yield* now
        const shown = yield* patiently(previewChange(externalId, terms, prorationDate))
        assert.isUndefined(shown.credit)
        assert.isTrue(shown.amountDue.minorUnits > 0n && shown.amountDue.minorUnits < terms.price.minorUnits)
        yield* tell({ _tag: "ChangeUp", externalId, terms, prorationDate })
        const snapshot = yield* see(({ payments }) => payments.length === 2)
        const changed = begunOf(snapshot)
        assert.deepStrictEqual(changed.terms, terms)
        assert.deepStrictEqual(changed.anchor, prorationDate)
        assert.deepStrictEqual(changed.periodStart, prorationDate)
        const { amount, counted, kind, periodEnd, periodStart } = paidOf(snapshot)
        assert.deepStrictEqual({ amount, kind }, { amount: shown.amountDue, kind: "change" })
        assert.strictEqual(amount.minorUnits + (counted?.minorUnits ?? 0n), terms.price.minorUnits)
        assert.deepStrictEqual([periodStart, periodEnd], [changed.periodStart, changed.periodEnd])
      }), limit)

    it.effect(
      "turns the unused rest of a year into a credit, and uses the credit for the next change",
      () =>
        Effect.gen(function*() {
          const { previewChange } = yield* BillingProvider
          const { externalId, now, see, tell, waitUntil } = yield* buyer(plan("PRO", "yearly"))
          yield* waitUntil(days(yield* now, 10))
          const first = { externalId, terms: plan("ENTERPRISE", "monthly"), prorationDate: yield* now }
          const shown = yield* patiently(previewChange(externalId, first.terms, first.prorationDate))
          const credit = shown.credit ?? assert.fail("no credit")
          assert.deepStrictEqual([shown.amountDue.minorUnits, credit.used.minorUnits], [0n, 0n])
          assert.isTrue(credit.left.minorUnits > 0n)
          yield* tell({ _tag: "ChangeUp", ...first })
          const changed = yield* see(({ payments }) => payments.length === 2)
          assert.deepStrictEqual(begunOf(changed).credit, credit.left)
          assert.deepStrictEqual(paidOf(changed).counted, first.terms.price)

          yield* waitUntil(days(yield* now, 1))
          const second = { externalId, terms: plan("ENTERPRISE", "yearly"), prorationDate: yield* now }
          const next = yield* patiently(previewChange(externalId, second.terms, second.prorationDate))
          assert.deepStrictEqual(next.credit, { used: credit.left, left: { ...credit.left, minorUnits: 0n } })
          yield* tell({ _tag: "ChangeUp", ...second })
          const over = yield* see(({ payments }) => payments.length === 3)
          assert.isUndefined(begunOf(over).credit)
          const { amount, counted } = paidOf(over)
          assert.deepStrictEqual(amount, next.amountDue)
          assert.strictEqual(amount.minorUnits + (counted?.minorUnits ?? 0n), second.terms.price.minorUnits)
        }),
      limit
    )

    it.effect(
      "keeps an upgrade pending while its invoice is open, and drops it with the invoice",
      () =>
        Effect.gen(function*() {
          const { externalId, now, payBy, see, tell, waitUntil } = yield* buyer()
          const terms = plan("ENTERPRISE", "monthly")
          yield* waitUntil(days(yield* now, 10))
          const prorationDate = yield* now
          yield* payBy("declined")
          yield* tell({ _tag: "ChangeUp", externalId, terms, prorationDate })
          const waiting = begunOf(yield* see(({ subscription }) => subscription?.pendingUpdate !== undefined))
          assert.deepStrictEqual(waiting.terms, monthly)
          assert.deepStrictEqual(waiting.pendingUpdate?.terms, terms)
          assert.isTrue(URL.canParse(waiting.openInvoice?.url ?? ""))
          yield* tell({ _tag: "ReleaseChange", externalId })
          const kept = begunOf(yield* see(({ subscription }) => subscription?.pendingUpdate === undefined))
          assert.deepStrictEqual(kept.terms, monthly)
          assert.isUndefined(kept.openInvoice)
        }),
      limit
    )

    it.effect(
      "downgrades with the next period, unless the downgrade is undone or the subscription ends",
      () =>
        Effect.gen(function*() {
          const { externalId, see, tell } = yield* buyer(plan("ENTERPRISE", "monthly"))
          const { periodEnd } = begunOf(yield* see())
          yield* tell({ _tag: "ChangeDown", externalId, terms: monthly })
          const scheduled = begunOf(yield* see())
          assert.deepStrictEqual(scheduled.scheduled, { terms: monthly, at: periodEnd })
          assert.deepStrictEqual(scheduled.terms, plan("ENTERPRISE", "monthly"))
          yield* tell({ _tag: "ReleaseChange", externalId })
          yield* tell({ _tag: "ReleaseChange", externalId })
          assert.isUndefined(begunOf(yield* see()).scheduled)
          yield* tell({ _tag: "ChangeDown", externalId, terms: plan("PRO", "yearly") })
          assert.deepStrictEqual(begunOf(yield* see()).scheduled, { terms: plan("PRO", "yearly"), at: periodEnd })
          yield* tell({ _tag: "CancelAtPeriodEnd", externalId })
          const ending = begunOf(yield* see())
          assert.isUndefined(ending.scheduled)
          assert.deepStrictEqual(ending.endsAt, periodEnd)
        }),
      limit
    )

    it.effect("renews at the lower price after a downgrade", () =>
      Effect.gen(function*() {
        const { externalId, see, tell, waitUntil } = yield* buyer(plan("ENTERPRISE", "monthly"))
        const { periodEnd } = begunOf(yield* see())
        yield* tell({ _tag: "ChangeDown", externalId, terms: monthly })
        yield* waitUntil(invoiced(periodEnd))
        const snapshot = yield* see(({ payments }) => payments.length === 2)
        const { scheduled, status, terms } = begunOf(snapshot)
        assert.deepStrictEqual({ scheduled, status, terms }, { scheduled: undefined, status: "active", terms: monthly })
        const { amount, kind, periodStart } = paidOf(snapshot)
        assert.deepStrictEqual({ amount, kind, periodStart }, {
          amount: monthly.price,
          kind: "renewal",
          periodStart: periodEnd
        })
      }), limit)

    it.effect("renews for a year after a downgrade to a yearly plan", () =>
      Effect.gen(function*() {
        const { externalId, see, tell, waitUntil } = yield* buyer(plan("ENTERPRISE", "monthly"))
        const { periodEnd } = begunOf(yield* see())
        const terms = plan("PRO", "yearly")
        yield* tell({ _tag: "ChangeDown", externalId, terms })
        yield* waitUntil(invoiced(periodEnd))
        const snapshot = yield* see(({ payments }) => payments.length === 2)
        const renewed = begunOf(snapshot)
        assert.deepInclude(renewed, { status: "active", terms, periodStart: periodEnd })
        assert.deepStrictEqual(renewed.periodEnd, DateTime.add(periodEnd, { years: 1 }))
        const paid = paidOf(snapshot)
        assert.deepStrictEqual({ amount: paid.amount, kind: paid.kind }, { amount: terms.price, kind: "renewal" })
        assert.deepStrictEqual([paid.periodStart, paid.periodEnd], [renewed.periodStart, renewed.periodEnd])
      }), limit)

    it.effect("charges the card of the subscription after a downgrade", () =>
      Effect.gen(function*() {
        const { externalId, see, tell, waitUntil } = yield* buyer(plan("ENTERPRISE", "monthly"))
        const { periodEnd } = begunOf(yield* see())
        yield* tell({ _tag: "ChangeDown", externalId, terms: monthly })
        yield* waitUntil(invoiced(periodEnd))
        const renewed = begunOf(yield* see(({ payments }) => payments.length === 2))
        // By then its schedule is over.
        yield* waitUntil(invoiced(renewed.periodEnd))
        const snapshot = yield* see(({ payments }) => payments.length === 3)
        assert.deepInclude(begunOf(snapshot), { status: "active", terms: monthly, periodStart: renewed.periodEnd })
        assert.isUndefined(begunOf(snapshot).openInvoice)
      }), limit)

    it.effect("charges the card that the customer has set since, after a downgrade", () =>
      Effect.gen(function*() {
        const { externalId, payBy, see, tell, waitUntil } = yield* buyer(plan("ENTERPRISE", "monthly"))
        const { periodEnd } = begunOf(yield* see())
        yield* tell({ _tag: "ChangeDown", externalId, terms: monthly })
        yield* payBy("declined")
        yield* waitUntil(invoiced(periodEnd))
        const owing = yield* see(({ subscription }) => subscription?.status === "past_due")
        assert.lengthOf(owing.payments, 1)
        assert.deepStrictEqual(begunOf(owing).terms, monthly)
      }), limit)

    it.effect(
      "charges the card that the customer has set since, after an undone downgrade",
      () =>
        Effect.gen(function*() {
          const { externalId, payBy, see, tell, waitUntil } = yield* buyer(plan("ENTERPRISE", "monthly"))
          const { periodEnd } = begunOf(yield* see())
          yield* tell({ _tag: "ChangeDown", externalId, terms: monthly })
          yield* tell({ _tag: "ReleaseChange", externalId })
          yield* payBy("declined")
          yield* waitUntil(invoiced(periodEnd))
          yield* see(({ subscription }) => subscription?.status === "past_due")
        }),
      limit
    )

    it.effect("downgrades again after a downgrade has taken effect", () =>
      Effect.gen(function*() {
        const { externalId, see, tell, waitUntil } = yield* buyer(plan("ENTERPRISE", "monthly"))
        const { periodEnd } = begunOf(yield* see())
        yield* tell({ _tag: "ChangeDown", externalId, terms: plan("PRO", "yearly") })
        yield* waitUntil(invoiced(periodEnd))
        const renewed = begunOf(yield* see(({ payments }) => payments.length === 2))
        assert.deepStrictEqual(renewed.terms, plan("PRO", "yearly"))
        assert.isUndefined(renewed.scheduled)
        yield* tell({ _tag: "ChangeDown", externalId, terms: monthly })
        yield* tell({ _tag: "ChangeDown", externalId, terms: monthly })
        assert.deepStrictEqual(begunOf(yield* see()).scheduled, { terms: monthly, at: renewed.periodEnd })
      }), limit)

    it.effect(
      "is past due when the card is declined, and active once the invoice is paid",
      () =>
        Effect.gen(function*() {
          const { payBy, payInvoice, see, waitUntil } = yield* buyer()
          const { periodEnd } = begunOf(yield* see())
          yield* payBy("declined")
          yield* waitUntil(invoiced(periodEnd))
          const owing = begunOf(yield* see(({ subscription }) => subscription?.status === "past_due"))
          const { externalId: invoice, url = "" } = owing.openInvoice ?? assert.fail("no open invoice")
          assert.isTrue(URL.canParse(url))
          yield* payBy("works")
          yield* payInvoice(invoice)
          const snapshot = yield* see(({ subscription }) => subscription?.status === "active")
          assert.isUndefined(begunOf(snapshot).openInvoice)
          assert.strictEqual(paidOf(snapshot).externalId, invoice)
        }),
      limit
    )

    it.effect("refunds a payment once for repeated requests", () =>
      Effect.gen(function*() {
        const { deliver, deliveryOf, refundsOf, see } = yield* buyer()
        const { amount, id, paymentIntent = assert.fail("no payment intent") } = paidOf(yield* see())
        const delivery = deliveryOf({ _tag: "Refund", paymentId: id, paymentIntent, amount })
        yield* deliver(delivery)
        yield* deliver(delivery)
        assert.lengthOf((yield* refundsOf(paymentIntent)).data, 1)
        const refunded = yield* see(({ payments }) => payments[0]?.refunds[0]?.state === "succeeded")
        assert.deepStrictEqual(paidOf(refunded).refunds.map((refund) => refund.amount), [amount])
      }), limit)

    it.effect("ends the subscription at once, and changes no ended subscription", () =>
      Effect.gen(function*() {
        const { externalId, see, tell } = yield* buyer()
        yield* tell({ _tag: "CancelNow", externalId })
        for (const _tag of ["CancelNow", "UndoCancel", "CancelAtPeriodEnd", "VoidOpenInvoice"] as const) {
          yield* tell({ _tag, externalId })
        }
        const snapshot = yield* see()
        assert.deepInclude(begunOf(snapshot), { status: "canceled", endedUnpaid: false })
        assert.isDefined(begunOf(snapshot).endedAt)
        assert.lengthOf(snapshot.payments, 1)
        const refused = yield* Effect.flip(
          tell({ _tag: "ChangeDown", externalId, terms: monthly })
        )
        assert.strictEqual(refused._tag, "ProviderRefused")
      }), limit)

    it.effect("reads a dispute, and its outcome", () =>
      Effect.gen(function*() {
        const { argue, see } = yield* buyer(monthly, "disputed")
        const stateOf = ({ payments }: ProviderSnapshot) => payments[0]?.disputes[0]?.state
        const disputed = paidOf(yield* see((snapshot) => stateOf(snapshot) === "open"))
        yield* argue(disputed.disputes[0]?.externalId ?? "", "losing")
        yield* see((snapshot) => stateOf(snapshot) === "lost")
      }), limit)

    it.effect("opens the portal for every customer that it knows", () =>
      Effect.gen(function*() {
        const { portal } = yield* BillingProvider
        const { externalId, userId } = yield* buyer()
        for (const subscription of [undefined, externalId]) {
          assert.isTrue(Option.isSome(yield* patiently(portal(userId, subscription))))
        }
        const stranger = UserId.make(newId())
        assert.isTrue(Option.isNone(yield* patiently(portal(stranger, undefined))))
      }), limit)

    it.effect("verifies a message, and names the purchase that the message is about", () =>
      Effect.gen(function*() {
        const { verify } = yield* BillingProvider
        const { externalId, purchaseId, signed, told } = yield* buyer()
        const wanted = ["customer.subscription.created", "invoice.paid", "payment_intent.succeeded"]
        const events = yield* Effect.repeat(told, {
          until: (events) => wanted.every((type) => events.some((event) => event.type === type)),
          schedule: Schedule.max([Schedule.spaced("1 second"), Schedule.recurs(60)])
        })
        const now = yield* DateTime.now
        for (const type of wanted) {
          const event = events.find((event) => event.type === type) ?? assert.fail(`never told: ${type}`)
          const { payload, signature } = signed(event, webhookSecret, now)
          const body = new TextEncoder().encode(payload)
          const verified = yield* verify(body, signature, now)
          assert.deepInclude(verified, { externalId: event.id, type })
          const { concern } = verified
          if (type === "payment_intent.succeeded") assert.isNotEmpty(concern.references)
          else assert.strictEqual(concern.purchaseId, purchaseId)
          if (type !== "payment_intent.succeeded") assert.include(concern.references, externalId)
          const forged = yield* Effect.flip(verify(body, signed(event, "whsec_forged", now).signature, now))
          assert.strictEqual(forged._tag, "SignatureRefused")
        }
        const [event = assert.fail("nothing was told")] = events
        const odd = { ...event, data: { object: { object: "unheard of", name: "Ann" } } } as unknown as typeof event
        const { payload, signature } = signed(odd, webhookSecret, now)
        assert.deepStrictEqual(yield* verify(new TextEncoder().encode(payload), signature, now), {
          externalId: event.id,
          type: event.type,
          concern: { references: [] }
        })
      }), limit)
  })
}
