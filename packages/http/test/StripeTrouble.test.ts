import { BillingWorkers, DeletedUserBilling, WebhookInbox } from "@dchat/domain/billing"
import { type Documents, signed } from "@dchat/doubles/stripe"
import { assert, layer } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import { makeCustomer, monthly, sessionOf } from "./support/StripeCustomer.ts"
import { caughtUp, reconciled, stripeHost, StripeStandIn, until, webhookSecrets } from "./support/StripeHost.ts"
import { TestHost } from "./support/TestHost.ts"

const [olderSecret = "", secret = ""] = webhookSecrets

const foreign = (change: Partial<Documents.Event> = {}): Documents.Event => ({
  id: "evt_foreign",
  object: "event",
  api_version: "2026-10-28.endive",
  created: 0,
  livemode: false,
  type: "customer.subscription.updated",
  data: { object: { object: "subscription", id: "sub_of_others", metadata: {} } },
  ...change
})

/** Sends an event by hand, signed as told. */
const post = Effect.fnUntraced(function*(
  body: string,
  { by = secret, late = 0, sent = body }: { readonly by?: string; readonly late?: number; readonly sent?: string } = {}
) {
  const { send } = yield* TestHost
  const { clock } = yield* StripeStandIn
  const at = Math.floor(clock.now() / 1000) - late
  const headers = { "content-type": "application/json", "stripe-signature": signed(body, by, at) }
  return yield* send("POST", "/webhooks/stripe", {
    raw: sent,
    headers: { ...headers, "content-length": `${sent.length}` }
  })
})

const entryOf = (externalId: string) =>
  Effect.flatMap(
    WebhookInbox,
    (inbox) => Effect.map(inbox.list(undefined, 1000), (entries) => entries.find((it) => it.externalId === externalId))
  )

layer(stripeHost, { excludeTestServices: true })("The webhook of Stripe", (it) => {
  it.effect("accepts a signature by any of the secrets, and no other one", () =>
    Effect.gen(function*() {
      const { send } = yield* TestHost
      const body = JSON.stringify(foreign({ id: "evt_signatures" }))
      assert.strictEqual((yield* post(body)).status, 200)
      assert.strictEqual((yield* post(body, { by: olderSecret })).status, 200)
      const refused = [
        yield* send("POST", "/webhooks/stripe", { raw: body, headers: { "content-type": "application/json" } }),
        yield* send("POST", "/webhooks/stripe", {
          raw: body,
          headers: { "content-type": "application/json", "stripe-signature": "nonsense" }
        }),
        yield* post(body, { by: "whsec_of_somebody_else" }),
        yield* post(body, { late: 301 }),
        yield* post(body, { sent: `${body} ` }),
        yield* post("{}"),
        yield* post("not JSON")
      ]
      assert.deepStrictEqual(
        refused.map(({ json, status }) => [status, json.code]),
        refused.map(() => [400, "invalid_signature"])
      )
    }))

  it.effect(
    "stores an event once, however often it arrives, and ignores events of other applications",
    () =>
      Effect.gen(function*() {
        const odd = [
          foreign({
            id: "evt_odd_type",
            type: "a.type.of.tomorrow",
            data: { object: { object: "something", id: "x" } }
          }),
          foreign({ id: "evt_odd_version", api_version: "2014-01-31" }),
          foreign({ id: "evt_odd_object", data: { object: null } }),
          foreign({ id: "evt_odd_years", created: 1_000_000_000 })
        ]
        for (const event of odd) {
          for (let time = 0; time < 100; time += 1) assert.strictEqual((yield* post(JSON.stringify(event))).status, 200)
        }
        yield* caughtUp()
        for (const { id } of odd) {
          const entry = yield* entryOf(id)
          assert.deepInclude(entry, { state: "ignored", attempts: 1 })
        }
      }),
    30_000
  )

  it.effect("stores ids only, and no personal data", () =>
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      const ann = yield* makeCustomer
      yield* ann.buy()
      const { subscriptions: [subscription = assert.fail("nothing was bought")] } = yield* ann.account
      const kept = Effect.map(
        sql`SELECT webhook_events::text AS row FROM webhook_events`,
        (rows) => JSON.stringify(rows)
      )
      const personal = {
        name: "Ann Example",
        email: "ann@example.org",
        customer_details: { address: { line1: "1 Long Street" }, phone: "+1 555 0100" }
      }
      const own = { object: "subscription", id: subscription.externalId, metadata: { dchat_purchase: subscription.id } }
      yield* post(JSON.stringify(foreign({ id: "evt_personal", data: { object: { ...own, ...personal } } })))
      yield* post(JSON.stringify(foreign({ id: "evt_strange", data: { object: { object: "customer", ...personal } } })))
      const waiting = yield* kept
      assert.include(waiting, String(subscription.externalId))
      yield* caughtUp()
      for (const text of [waiting, yield* kept]) {
        for (const word of ["Ann", "ann@", "Street", "555"]) assert.notInclude(text, word)
      }
      assert.include(yield* kept, "evt_personal")
      assert.include(yield* kept, subscription.id)
      assert.notInclude(yield* kept, String(subscription.externalId))
    }))

  it.effect("gives up an event in the end that names an unknown purchase", () =>
    Effect.gen(function*() {
      const metadata = { dchat_purchase: "01890000-0000-7000-8000-000000000000" }
      const lost = foreign({ id: "evt_lost", data: { object: { object: "subscription", id: "sub_lost", metadata } } })
      yield* post(JSON.stringify(lost))
      yield* caughtUp()
      assert.deepInclude(yield* entryOf("evt_lost"), { state: "waiting", attempts: 1 })
      const { clock } = yield* StripeStandIn
      for (let time = 0; time < 30; time += 1) {
        yield* until(clock.now() + 3_600_000)
        yield* caughtUp()
      }
      assert.deepInclude(yield* entryOf("evt_lost"), { state: "dead", attempts: 22 })
      assert.strictEqual(
        yield* Effect.flatMap(WebhookInbox, (inbox) => inbox.replay("dead", DateTime.makeUnsafe(clock.now()))),
        1
      )
      yield* caughtUp()
      assert.deepInclude(yield* entryOf("evt_lost"), { state: "waiting", attempts: 1 })
    }))
})

layer(stripeHost, { excludeTestServices: true })("A failing Stripe", (it) => {
  it.effect("causes 503 for an order, which continues once Stripe is back", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      for (const fault of ["424", "429", "500", "rate_limit", "drop", "lost", "shape"] as const) {
        const ann = yield* makeCustomer
        // If a connection breaks, the library repeats the request once by itself.
        double.faults.plan(/^POST checkout\/sessions$/, fault, fault === "drop" || fault === "lost" ? 2 : 1)
        const failed = yield* ann.post("create", monthly)
        assert.deepStrictEqual([failed.status, failed.json.code], [503, "stripe_unavailable"], fault)
        const again = yield* ann.post("create", monthly)
        assert.strictEqual(again.status, 200, `${fault} ${again.text}`)
        assert.isTrue(yield* double.pay(sessionOf(again.json.payment.checkoutUrl)))
        yield* caughtUp()
        assert.strictEqual((yield* ann.me).tier, "PRO", fault)
        const { customer } = yield* ann.truth
        const sessions = yield* double.books((books) => books.sessions.list((it) => it.customer === customer))
        assert.lengthOf(sessions, 1, fault)
      }
    }), 30_000)

  it.effect("that never answers also causes 503, before clients time out", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      double.faults.plan(/^POST checkout\/sessions$/, "hang")
      const failed = yield* ann.post("create", monthly)
      assert.deepStrictEqual([failed.status, failed.json.code], [503, "stripe_unavailable"])
      double.faults.clear()
      // The claim of the abandoned delivery ends after half a minute.
      yield* until(double.clock.now() + 60_000)
      const again = yield* ann.post("create", monthly)
      assert.strictEqual(again.status, 200, again.text)
      assert.isTrue(yield* double.pay(sessionOf(again.json.payment.checkoutUrl)))
      yield* caughtUp()
      yield* ann.agrees
    }), 60_000)

  it.effect("that renews during a cancellation or a change is followed", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const deeds = [["cancel", {}], ["change", { tier: "ENTERPRISE", period: "monthly" }]] as const
      for (const [path, body] of deeds) {
        const ann = yield* makeCustomer
        yield* ann.buy()
        const { paidThrough } = (yield* ann.me).subscription
        const end = DateTime.makeUnsafe(paidThrough).epochMilliseconds
        yield* until(end - 1000)
        yield* double.onRequest((request) => {
          if (request.startsWith("POST subscriptions/")) Effect.runSync(double.advanceTo(end + 1000))
        })
        const answer = yield* ann.post(path, body)
        yield* double.onRequest(() => {})
        assert.strictEqual(answer.status, 200, answer.text)
        assert.isAbove(double.clock.now(), end)
        yield* caughtUp()
        yield* ann.agrees
        const { subscription, tier } = yield* ann.me
        assert.isAbove(DateTime.makeUnsafe(subscription.paidThrough).epochMilliseconds, end)
        if (path === "cancel") assert.strictEqual(subscription.endsAt, subscription.paidThrough)
        else assert.strictEqual(tier, "ENTERPRISE")
      }
    }), 30_000)

  it.effect("without news leaves no trace in the account", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      yield* ann.buy()
      yield* reconciled
      const before = yield* ann.account
      const sql = yield* SqlClient.SqlClient
      const looked = Effect.map(
        sql<{ readonly at: Date }>`SELECT observed_at AS at FROM purchases WHERE user_id = ${ann.id}`,
        ([row]) => row?.at.getTime() ?? assert.fail("nobody has looked")
      )
      const first = yield* looked
      yield* reconciled
      assert.isAbove(yield* looked, first)
      assert.deepStrictEqual(yield* ann.account, before)
    }))

  it.effect("receives stored instructions in order once it is back", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      double.faults.plan(/^POST subscriptions/, "500")
      assert.strictEqual((yield* ann.post("cancel", {})).status, 200)
      assert.isString((yield* ann.me).subscription.endsAt)
      yield* caughtUp()
      assert.isString((yield* ann.me).subscription.endsAt)
      assert.isNull((yield* ann.truth).cancel_at)
      double.faults.clear()
      yield* until(double.clock.now() + 60_000)
      yield* caughtUp()
      yield* ann.agrees
      assert.isNotNull((yield* ann.truth).cancel_at)
    }))

  it.effect("that refuses a cancellation gets a limited number of requests, and is told again once it can accept", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      const asked: Array<string> = []
      yield* double.onRequest((request) => {
        if (request.startsWith("DELETE")) asked.push(request)
      })
      double.faults.plan(/^DELETE subscriptions/, "refused")
      assert.strictEqual((yield* ann.post("cancel", { when: "now", confirmNoRefund: true })).status, 200)
      yield* caughtUp()
      assert.isAtMost(asked.length, 2)
      yield* until(double.clock.now() + 24 * 3_600_000)
      yield* caughtUp()
      assert.isAtMost(asked.length, 4)
      double.faults.clear()
      yield* until(double.clock.now() + 24 * 3_600_000)
      yield* caughtUp()
      assert.strictEqual((yield* ann.truth).status, "canceled")
      assert.strictEqual((yield* ann.me).subscription.state, "cancelled")
      yield* double.onRequest(() => {})
    }))

  it.effect("that refuses a refund ends the refund, and the subscription continues", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      yield* double.books((books) => {
        books.refundOutcome = "failed"
      })
      const answer = yield* ann.post("refund")
      assert.deepStrictEqual([answer.status, answer.json.code], [409, "refused_by_provider"])
      yield* caughtUp()
      yield* ann.agrees
      const { subscription, tier } = yield* ann.me
      assert.strictEqual(tier, "PRO")
      assert.isUndefined(subscription.endsAt)
      assert.isUndefined(subscription.refundRequestedAt)
      yield* double.books((books) => {
        books.refundOutcome = "succeeded"
      })
    }))
})

layer(stripeHost, { excludeTestServices: true })("Orders at Stripe", (it) => {
  it.effect("are one if a user places two at once", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      const placed = yield* Effect.all(Array.from({ length: 5 }, () => ann.post("create", monthly)), {
        concurrency: "unbounded"
      })
      const urls = new Set(placed.filter(({ status }) => status < 300).map(({ json }) => json.payment.checkoutUrl))
      assert.strictEqual(urls.size, 1, placed.map(({ text }) => text).join("\n"))
      const sessions = yield* double.books((books) => books.sessions.list((it) => it.client_reference_id === ann.id))
      assert.lengthOf(sessions, 1)
    }))

  it.effect(
    "are sent once, by the request or in the background, and are answered after they are sent",
    () =>
      Effect.gen(function*() {
        const { drain } = yield* BillingWorkers
        for (let time = 0; time < 10; time += 1) {
          const ann = yield* makeCustomer
          const placed = yield* Effect.raceFirst(ann.post("create", monthly), Effect.forever(drain))
          assert.strictEqual(placed.status, 201, placed.text)
          assert.isString(placed.json.payment.checkoutUrl)
        }
      }),
    30_000
  )

  it.effect("close the page of the previous order, unless it was paid", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      const first = sessionOf((yield* ann.post("create", monthly)).json.payment.checkoutUrl)
      const yearly = yield* ann.post("create", { ...monthly, period: "yearly" })
      assert.strictEqual(yearly.status, 201, yearly.text)
      assert.strictEqual((yield* double.books((books) => books.sessions.get(first))).status, "expired")

      yield* double.pay(sessionOf(yearly.json.payment.checkoutUrl))
      const late = yield* ann.post("create", { ...monthly, tier: "ENTERPRISE" })
      assert.deepInclude([["payment_in_progress", 409], ["subscription_exists", 409]], [late.json.code, late.status])
      yield* caughtUp()
      assert.deepInclude((yield* ann.me).subscription, { state: "active", period: "yearly" })
    }))

  it.effect("are withdrawn by cancelling, and lapse by themselves", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      const bob = yield* makeCustomer
      const double = yield* StripeStandIn
      const { json } = yield* ann.post("create", monthly)
      assert.strictEqual((yield* ann.post("cancel", {})).json.subscription.state, "cancelled")
      assert.strictEqual(
        (yield* double.books((books) => books.sessions.get(sessionOf(json.payment.checkoutUrl)))).status,
        "expired"
      )
      yield* bob.post("create", monthly)
      yield* until(double.clock.now() + 24 * 3_600_000)
      yield* caughtUp()
      assert.strictEqual((yield* bob.me).subscription.state, "expired")
    }))

  it.effect("of a lifetime membership cancel the subscription, also at Stripe", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      const placed = yield* ann.post("create", { tier: "PRO", period: "nft", method: "stripe" })
      assert.strictEqual(placed.status, 201, placed.text)
      yield* double.pay(sessionOf(placed.json.payment.checkoutUrl))
      yield* caughtUp()
      const summary = yield* ann.me
      assert.deepInclude(summary, { tier: "PRO", source: "membership" })
      assert.isString(summary.subscription.endsAt)
      assert.isNotNull((yield* ann.truth).cancel_at)
      yield* double.refund((yield* ann.account).payments.at(-1)?.paymentIntent ?? "")
      yield* caughtUp()
      assert.strictEqual((yield* ann.me).membership.state, "revoked")
    }))

  it.effect("of a lifetime membership are withdrawn alone, beside any subscription", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      yield* ann.buy()
      const placed = yield* ann.post("create", { tier: "ENTERPRISE", period: "nft", method: "stripe" })
      const { id } = placed.json.membership
      const answer = yield* ann.post("cancel", { purchaseId: id })
      assert.strictEqual(answer.status, 200, answer.text)
      assert.strictEqual(answer.json.membership.state, "revoked")
      assert.isUndefined(answer.json.subscription.endsAt)
      const session = sessionOf(placed.json.payment.checkoutUrl)
      assert.strictEqual((yield* double.books((books) => books.sessions.get(session))).status, "expired")
      const gone = yield* ann.post("cancel", { purchaseId: id })
      assert.deepStrictEqual([gone.status, gone.json.code], [409, "no_subscription"])
    }))

  it.effect("that are paid beside a covering lifetime membership end with their first period", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const ann = yield* makeCustomer
      const first = yield* ann.post("create", monthly)
      const forGood = yield* ann.post("create", { tier: "PRO", period: "nft", method: "stripe" })
      for (const { json } of [forGood, first]) {
        yield* double.pay(sessionOf(json.payment.checkoutUrl))
        yield* caughtUp()
      }
      const { membership, subscription } = yield* ann.me
      assert.strictEqual(membership.state, "active")
      assert.strictEqual(subscription.endsAt, subscription.paidThrough)
      assert.isNotNull((yield* ann.truth).cancel_at)
    }))

  it.effect("of a change wait for the payment, and lapse", () =>
    Effect.gen(function*() {
      const double = yield* StripeStandIn
      const [ann, bob] = [yield* makeCustomer, yield* makeCustomer]
      for (const person of [ann, bob]) {
        yield* person.buy()
        yield* double.setCard((yield* person.truth).customer, "declined")
        const { json } = yield* person.post("change", { tier: "ENTERPRISE", period: "monthly" })
        assert.strictEqual(json.subscription.tier, "PRO")
        assert.isString(json.subscription.change.invoiceUrl)
      }
      const { change } = (yield* ann.me).subscription
      yield* double.payInvoice(sessionOf(change.invoiceUrl))
      yield* caughtUp()
      assert.strictEqual((yield* ann.me).tier, "ENTERPRISE")
      yield* until(double.clock.now() + 24 * 3_600_000)
      yield* caughtUp()
      assert.isUndefined((yield* bob.me).subscription.change)
      for (const person of [ann, bob]) yield* person.agrees
    }))

  it.effect("give access to the portal", () =>
    Effect.gen(function*() {
      const ann = yield* makeCustomer
      const none = yield* ann.post("portal")
      assert.deepStrictEqual([none.status, none.json.code], [409, "no_customer"])
      yield* ann.buy()
      assert.match((yield* ann.post("portal")).json.url, /\/portal\//)
    }))
})

layer(stripeHost, { excludeTestServices: true })("A user who is deleted", (it) => {
  it.effect("is no longer billed, and cannot pay for a started order", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      const double = yield* StripeStandIn
      const person = yield* signIn()
      const placed = yield* person.post("/api/subscriptions/create", monthly)
      yield* double.pay(sessionOf(placed.json.payment.checkoutUrl))
      yield* caughtUp()
      const lifetime = yield* person.post("/api/subscriptions/create", {
        ...monthly,
        tier: "ENTERPRISE",
        period: "nft"
      })
      const gone = yield* send("DELETE", "/auth/me", { token: person.token })
      assert.isBelow(gone.status, 300, gone.text)
      const { end } = yield* DeletedUserBilling
      assert.strictEqual(yield* end, 1)
      assert.strictEqual(yield* end, 0)
      yield* caughtUp()
      const [subscription] = yield* double.books((books) => books.subscriptions.list())
      assert.strictEqual(subscription?.status, "canceled")
      const session = sessionOf(lifetime.json.payment.checkoutUrl)
      assert.strictEqual((yield* double.books((books) => books.sessions.get(session))).status, "expired")

      const sql = yield* SqlClient.SqlClient
      const ids = yield* sql<{ readonly id: string }>`SELECT id FROM purchases WHERE user_id = ${person.id}`
      const rows = Effect.map(sql`SELECT webhook_events::text AS row FROM webhook_events`, (all) => JSON.stringify(all))
      assert.isTrue(ids.some(({ id }) => placed.json.subscription.id === id))
      yield* until(double.clock.now() + 10 * 60_000)
      assert.strictEqual(yield* end, 1, "what was begun before is looked for once more")
      for (const { id } of ids) assert.notInclude(yield* rows, id)
      yield* caughtUp()
      for (const { id } of ids) assert.notInclude(yield* rows, id)
      assert.deepStrictEqual(yield* sql`SELECT 1 FROM deleted_users`, [])
    }).pipe(Effect.provide(DeletedUserBilling.layer)))
})
