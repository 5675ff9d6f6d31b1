/**
 * Many users whose month of a subscription was over long ago, as they are kept.
 */
import { UserId } from "@dchat/domain/identity"
import {
  BillingAccount,
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  ExternalId,
  PaymentId,
  PurchaseId,
  type SubscriptionCommand,
  termsOf,
  Tier
} from "@dchat/domain/subscription"
import { DateTime, Effect, Result, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { SqlClient } from "effect/sql"

const paidAt = DateTime.makeUnsafe("2026-01-01T00:00:00Z")

const decided = (account: BillingAccount, command: SubscriptionCommand, at: DateTime.Utc) =>
  Result.getOrThrow(BillingAccountMachine.decide(command, account, at, { _tag: "User" }, defaultPlans)).account

/** A user whose month was over long ago. The ids are replaced row by row. */
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
  // The reminder was sent in time.
  const account = decided(paid, { _tag: "Tick" }, DateTime.makeUnsafe("2026-01-31T23:00:00Z"))
  const state = JSON.stringify(Schema.encodeSync(Schema.toCodecJson(BillingAccount))(account))
  return { state, user, purchase, payment, version: account.version }
})

const idOf = (prefix: string) => `(${prefix} || lpad(to_hex(n), 12, '0'))`
const userId = idOf("'01984ab2-0000-7000-8000-'")
const purchaseId = idOf("'01984ab2-0000-7000-9000-'")
const paymentId = idOf("'01984ab2-0000-7000-a000-'")

/** Adds the users with the numbers from `from` to `to - 1`. */
export const fill = Effect.fnUntraced(function*(from: number, to: number) {
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

/** The id of the user with this number. */
export const idOfUser = (number: number): UserId =>
  UserId.make(`01984ab2-0000-7000-8000-${number.toString(16).padStart(12, "0")}`)
