import { StripeDouble } from "@dchat/doubles/stripe"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { dchat } from "./support/CommandLine.ts"
import { sharedHost } from "./support/Processes.ts"

describe("dchat plans, subscriptions and webhooks", () => {
  const scope = Scope.makeUnsafe()
  const double = Effect.runPromise(StripeDouble.make().pipe(Effect.provideService(Scope.Scope, scope)))
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const stripe = async () => {
    const { origin, secretKey } = await double
    return { STRIPE_API_BASE: origin, STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRETS: "whsec_cli" }
  }
  const theHost = sharedHost(stripe)
  const run = (...words: ReadonlyArray<string>) => dchat(theHost().environment, ...words)

  it("creates the plans at Stripe, and can be repeated", { timeout: 90_000 }, async () => {
    const first = await dchat({ ...theHost().environment, ...await stripe() }, "plans", "sync")
    assert.strictEqual(first.code, 0, first.stderr)
    assert.match(first.stdout, /dchat_pro_monthly +created\n/)
    const again = await dchat({ ...theHost().environment, ...await stripe() }, "plans", "sync")
    assert.match(again.stdout, /dchat_enterprise_nft +unchanged\n/)
    const prices = await Effect.runPromise((await double).books((books) => books.prices.list()))
    assert.lengthOf(prices, 6)
    const wrong = await dchat(
      { ...theHost().environment, ...await stripe(), STRIPE_SECRET_KEY: "sk_test_x" },
      "plans",
      "sync"
    )
    assert.strictEqual(wrong.code, 1)
    assert.strictEqual(wrong.stderr, "STRIPE_SECRET_KEY is not a key that Stripe accepts (Stripe answered 401).\n")
    const { faults } = await double
    faults.plan(/./, "403")
    const weak = await dchat({ ...theHost().environment, ...await stripe() }, "plans", "sync")
    faults.clear()
    assert.strictEqual(weak.code, 1)
    assert.match(weak.stderr, /^STRIPE_SECRET_KEY lacks rights at Stripe \(Stripe answered 403/)
  })

  it("grants a plan and revokes it", { timeout: 90_000 }, async () => {
    const ann = await theHost().host.signIn()
    const granted = await run(
      "subscriptions",
      "grant",
      ann.id,
      "PRO",
      "--reason",
      "a friend",
      "--until",
      "2199-01-01T00:00:00Z"
    )
    assert.strictEqual(granted.code, 0, granted.stderr)
    const id = /The grant is (\S+)\./.exec(granted.stdout)?.[1] ?? ""
    const shown = await run("subscriptions", "show", ann.id)
    assert.match(shown.stdout, /^has PRO, from grant, until 2199-01-01/)
    assert.match(shown.stdout, /1 {2}20\S+ {2}Granted {2}\(\S+: a friend\)/)
    assert.strictEqual((await run("subscriptions", "revoke", ann.id, id, "--reason", "no friend")).code, 0)
    assert.match((await run("subscriptions", "show", ann.id)).stdout, /^has the lowest plan, from none\n/)
    const unknown = await run("subscriptions", "grant", ann.id, "GOLD", "--reason", "a try")
    assert.strictEqual(unknown.code, 1)
    assert.include(unknown.stderr, "Not granted: no such plan")
    const over = await run(
      "subscriptions",
      "grant",
      ann.id,
      "PRO",
      "--reason",
      "a try",
      "--until",
      "2020-01-01T00:00:00Z"
    )
    assert.strictEqual(over.code, 1)
    assert.include(over.stderr, "Not granted: the grant has to end after its start")
    const nobody = "01890000-0000-7000-8000-000000000000"
    for (const words of [["grant", nobody, "PRO", "--reason", "a try"], ["show", nobody]]) {
      // oxlint-disable-next-line no-await-in-loop -- one command at a time
      const missed = await run("subscriptions", ...words)
      assert.strictEqual(missed.code, 1)
      assert.include(missed.stderr, `no such user: ${nobody}.`)
    }
    assert.include((await run("subscriptions", "cancel", ann.id, "--reason", "a try")).stderr, "Not cancelled")
    assert.include((await run("subscriptions", "refund", ann.id, "--reason", "a try")).stderr, "Not refunded")
  })

  it("lists the users whose billing account is unreadable", { timeout: 90_000 }, async () => {
    assert.strictEqual(
      (await run("subscriptions", "unreadable")).stdout,
      "This release can read all billing accounts.\n"
    )
  })

  it("lists dead letters, and retries them", { timeout: 90_000 }, async () => {
    assert.strictEqual((await run("webhooks", "list")).stdout, "There are no dead letters.\n")
    assert.include((await run("webhooks", "replay")).stdout, "A running host retries 0 dead letters.")
    assert.strictEqual((await run("webhooks", "replay", "evt_none")).code, 1)
  })
})
