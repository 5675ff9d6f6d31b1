/**
 * How fast subscriptions are, each beside what PostgreSQL can do at best in the same run: `npm run bench:subscriptions`.
 *
 * - S1: expiring due subscriptions through `decide`, beside set-based statements that write the same rows
 * - S2: keeping webhooks, signature and all, beside inserting the same rows
 * - me: reading one's own subscription among a thousand and among all
 *
 * `BENCH_ROWS` says how many (a million), `DATABASE_URL` where: an empty database (an embedded one in a temporary folder).
 */
import { EmbeddedPostgres } from "@dchat/adapters/embedded-postgres"
import { MemorySubscriptionBus } from "@dchat/adapters/memory"
import { Database, PgBilling, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { StripeBilling } from "@dchat/adapters/stripe"
import { ProviderTrouble, Webhooks } from "@dchat/domain/billing"
import { UserId } from "@dchat/domain/identity"
import {
  BillingAccount,
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  ExternalId,
  PaymentId,
  PurchaseId,
  SubscriptionClock,
  type SubscriptionCommand,
  SubscriptionRepository,
  termsOf,
  Tier
} from "@dchat/domain/subscription"
import { signed } from "@dchat/doubles/stripe"
import { Config, Console, DateTime, Effect, Layer, Option, Redacted, Result, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { SqlClient } from "effect/sql"
import { chmodSync, mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const secret = "whsec_of_the_benchmark"

const paidAt = DateTime.makeUnsafe("2026-01-01T00:00:00Z")

const decided = (account: BillingAccount, command: SubscriptionCommand, at: DateTime.Utc) =>
  Result.getOrThrow(BillingAccountMachine.decide(command, account, at, { _tag: "User" }, defaultPlans)).account

/** Somebody whose month was over long ago, as they are kept. Their ids are replaced row by row. */
const template = Effect.gen(function*() {
  const user = UserId.make(SecureRandom.uuidV7Unsafe())
  const purchase = PurchaseId.make(SecureRandom.uuidV7Unsafe())
  const payment = PaymentId.make(SecureRandom.uuidV7Unsafe())
  const terms = termsOf(defaultPlans, Tier.make("PRO"), "monthly")
  if (terms === undefined) return yield* Effect.die("no plan")
  const commands = [
    { _tag: "Create", purchaseId: purchase, paymentId: payment, method: "web3", terms, autoRenew: false },
    {
      _tag: "PaymentSettled",
      purchaseId: purchase,
      payment: {
        id: payment,
        externalId: ExternalId.make("1:0xabc:0"),
        kind: "first",
        amount: terms.price,
        paidAt,
        refunds: [],
        disputes: []
      }
    }
  ] as const
  const paid = commands.reduce((account, command) => decided(account, command, paidAt), emptyBillingAccount(user))
  // They were reminded in time.
  const account = decided(paid, { _tag: "Tick" }, DateTime.makeUnsafe("2026-01-31T23:00:00Z"))
  const state = JSON.stringify(Schema.encodeSync(Schema.toCodecJson(BillingAccount))(account))
  return { state, user, purchase, payment, version: account.version }
})

const idOf = (prefix: string) => `(${prefix} || lpad(to_hex(n), 12, '0'))`
const userId = idOf("'01984ab2-0000-7000-8000-'")
const purchaseId = idOf("'01984ab2-0000-7000-9000-'")
const paymentId = idOf("'01984ab2-0000-7000-a000-'")

const fill = Effect.fnUntraced(function*(from: number, to: number) {
  const sql = yield* SqlClient.SqlClient
  const { payment, purchase, state, user, version } = yield* template
  const replaced =
    `replace(replace(replace($1, '${user}', ${userId}), '${purchase}', ${purchaseId}), '${payment}', ${paymentId})`
  const rows = `FROM generate_series(${from}, ${to - 1}) AS n`
  yield* sql.unsafe(`INSERT INTO users (id, display_name, search_name, status, created_at, version, name_edited)
    SELECT ${userId}::uuid, 'somebody', 'somebody', 'active', now(), 1, false ${rows}`)
  yield* sql.unsafe(
    `INSERT INTO subscription_accounts (user_id, version, state, next_due_at)
     SELECT ${userId}::uuid, ${version}, replace(${replaced}, '1:0xabc:0', '1:0xabc:' || n)::jsonb,
       '2026-02-01'::timestamptz ${rows}`,
    [state]
  )
  yield* sql.unsafe(`INSERT INTO purchases (id, user_id, kind, method, state, tier, watched_from)
    SELECT ${purchaseId}::uuid, ${userId}::uuid, 'subscription', 'web3', 'active', 'PRO', '2026-02-01' ${rows}`)
})

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const start = performance.now()
    const value = yield* effect
    return { value, seconds: (performance.now() - start) / 1000 }
  })

const rate = (count: number, seconds: number) => `${Math.round(count / seconds)}/s`

/** Milliseconds that one reading takes, in the middle of many. */
const reading = Effect.fnUntraced(function*(rows: number) {
  const { load } = yield* SubscriptionRepository
  const times: Array<number> = []
  for (let index = 0; index < 2000; index += 1) {
    const n = (index * 7919) % rows
    const id = UserId.make(`01984ab2-0000-7000-8000-${n.toString(16).padStart(12, "0")}`)
    const { seconds } = yield* timed(load(id))
    times.push(seconds * 1000)
  }
  return times.toSorted((one, other) => one - other)[1000] ?? 0
})

/** The same rows by statements that know no rules: the account, its event, its purchase. */
const setBased = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  return yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`UPDATE subscription_accounts SET version = version + 1, next_due_at = NULL,
      state = jsonb_set(jsonb_set(state, '{subscriptions,0,state}', '"expired"'), '{version}', to_jsonb(version + 1))`
    yield* sql`INSERT INTO subscription_events (user_id, seq, at, event, cause)
      SELECT user_id, version, now(), jsonb_build_object('_tag', 'Expired', 'purchaseId', state #> '{subscriptions,0,id}',
        'endedAt', state #> '{subscriptions,0,paidThrough}'), '{"_tag": "Clock"}' FROM subscription_accounts`
    yield* sql`UPDATE purchases SET state = 'expired', watched_from = NULL`
    return yield* Effect.fail("undone" as const)
  })).pipe(Effect.catchIf((error) => error === "undone", () => Effect.void))
})

const events = (count: number, name: string) =>
  Array.from({ length: count }, (_, index) =>
    JSON.stringify(
      {
        id: `evt_${name}_${index}`,
        object: "event",
        type: "invoice.paid",
        created: 0,
        data: {
          object: {
            object: "invoice",
            id: `in_${index}`,
            lines: { data: Array.from({ length: 4 }, () => "x".repeat(400)) }
          }
        }
      },
      null,
      2
    ))

const program = Effect.gen(function*() {
  const rows = yield* Config.Int("BENCH_ROWS").pipe(Config.withDefault(1_000_000))
  const sql = yield* SqlClient.SqlClient
  const clock = yield* SubscriptionClock
  const webhooks = yield* Webhooks

  yield* fill(0, 1000)
  yield* reading(1000)
  const few = yield* reading(1000)
  yield* fill(1000, rows)
  yield* sql`ANALYZE`
  yield* reading(rows)
  const many = yield* reading(rows)
  yield* Console.log(
    `me: ${few.toFixed(3)} ms among 1000, ${many.toFixed(3)} ms among ${rows}: ${(many / few).toFixed(2)} times`
  )

  const alone = yield* timed(
    sql.withTransaction(
      Effect.andThen(
        sql`UPDATE subscription_accounts SET version = version + 1, next_due_at = NULL,
        state = jsonb_set(state, '{subscriptions,0,state}', '"expired"')`,
        Effect.fail("undone" as const)
      )
    ).pipe(Effect.catchIf((error) => error === "undone", () => Effect.void))
  )
  const best = yield* timed(setBased)
  yield* sql`VACUUM ANALYZE subscription_accounts`
  const before = process.memoryUsage().rss
  let peak = before
  const watch = setInterval(() => peak = Math.max(peak, process.memoryUsage().rss), 100)
  const swept = yield* timed(clock.sweep)
  clearInterval(watch)
  yield* Console.log(
    `S1: ${swept.value} expired in ${swept.seconds.toFixed(1)} s (${rate(swept.value, swept.seconds)}); ` +
      `one UPDATE of the accounts ${alone.seconds.toFixed(1)} s: ${
        (swept.seconds / alone.seconds).toFixed(1)
      } times; ` +
      `the same rows by sets ${best.seconds.toFixed(1)} s: ${(swept.seconds / best.seconds).toFixed(1)} times; ` +
      `memory ${Math.round(before / 1e6)} MB, at most ${Math.round(peak / 1e6)} MB`
  )

  const count = 10_000
  const concurrency = 64
  const now = yield* DateTime.now
  const bodies = events(count, "kept").map((body) => ({
    body: new TextEncoder().encode(body),
    signature: signed(body, secret, Math.floor(now.epochMilliseconds / 1000))
  }))
  const insert = (body: string, index: number) =>
    sql`INSERT INTO webhook_events (external_id, type, payload, received_at)
        VALUES (${`raw_${index}`}, 'invoice.paid', ${body}::json, now())`
  const raw = yield* timed(Effect.forEach(events(count, "raw"), insert, { concurrency, discard: true }))
  const kept = yield* timed(
    Effect.forEach(bodies, ({ body, signature }) => webhooks.receive(body, signature), { concurrency, discard: true })
  )
  yield* Console.log(
    `S2: webhooks ${rate(count, kept.seconds)}, raw inserts ${rate(count, raw.seconds)}: ` +
      `${(raw.seconds / kept.seconds).toFixed(2)} of them`
  )
})

type Client = Layer.Layer<Layer.Success<ReturnType<typeof Database.layer>>, unknown>

const database = Layer.unwrap(Effect.map(Config.Redacted("DATABASE_URL").pipe(Config.option), (url): Client => {
  if (Option.isSome(url)) return Database.layer({ url: url.value })
  const folder = mkdtempSync(join(tmpdir(), "dchat-bench-"))
  chmodSync(folder, 0o755)
  return Layer.unwrap(
    Effect.map(
      EmbeddedPostgres.start({ directory: join(folder, "data") }),
      (server) => Database.layerOn(EmbeddedPostgres.clientConfig(server))
    )
  )
}))

const stripe = StripeBilling.layer({
  secretKey: Redacted.make("sk_test_none"),
  webhookSecrets: [Redacted.make(secret)],
  returnTo: new URL("http://localhost")
})

const Services = Layer.mergeAll(SubscriptionClock.layer, Webhooks.layer).pipe(
  Layer.provide([stripe, MemorySubscriptionBus.layer, ProviderTrouble.layer]),
  Layer.provideMerge(Layer.merge(PgSubscriptionRepository.layer, PgBilling.layer)),
  Layer.provide(SecureRandom.layerWebCrypto),
  Layer.provideMerge(Database.migrated(database))
)

await Effect.runPromise(program.pipe(Effect.provide(Services), Effect.scoped))
