/**
 * The rows that steps of accounts leave behind, table by table, as JSON for one statement each.
 */
import {
  type AccountAppend,
  BillingAccount,
  BillingIntent,
  isLive,
  nextDueAt,
  SubscriptionRecord
} from "@dchat/domain/subscription"
import { DateTime, Schema } from "effect"

/**
 * Values are checked when they come in. The results that the rules derive from them are not checked again when encoded.
 */
const unchecked = { disableChecks: true }

const encodeAccount = Schema.encodeSync(Schema.toCodecJson(BillingAccount), unchecked)
const encodeEvent = Schema.encodeSync(Schema.toCodecJson(SubscriptionRecord.fields.event), unchecked)
const encodeCause = Schema.encodeSync(Schema.toCodecJson(SubscriptionRecord.fields.cause), unchecked)
const encodeIntent = Schema.encodeSync(Schema.toCodecJson(BillingIntent), unchecked)

const isoOf = (time: DateTime.Utc | undefined) => time === undefined ? null : DateTime.formatIso(time)

/** JSON, a row a line: Postgres reads it in one go, where it reads the parts of an array one by one again. */
const linesOf = (rows: ReadonlyArray<object>): string => rows.map((row) => JSON.stringify(row)).join("\n")

export const accountRows = (steps: ReadonlyArray<AccountAppend>): string =>
  linesOf(steps.map(({ account, expected }) => ({
    user_id: account.userId,
    expected,
    version: account.version,
    state: encodeAccount(account),
    next_due_at: isoOf(nextDueAt(account))
  })))

export const eventRows = (steps: ReadonlyArray<AccountAppend>): string =>
  linesOf(steps.flatMap(({ account, records }) =>
    records.map(({ at, cause, event, seq }) => ({
      user_id: account.userId,
      seq,
      at: isoOf(at),
      event: encodeEvent(event),
      cause: encodeCause(cause)
    }))
  ))

/** The current purchases that the events concern. */
export const purchaseRows = (steps: ReadonlyArray<AccountAppend>): ReadonlyArray<object> =>
  steps.flatMap(({ account, records }) => {
    const touched = new Set(records.flatMap(purchasesIn))
    const rowOf = (kind: "subscription" | "membership") => (purchase: Purchase) => ({
      id: purchase.id,
      user_id: account.userId,
      kind,
      method: purchase.method,
      state: purchase.state,
      tier: purchase.terms.tier,
      external_id: externalIdOf(purchase) ?? null,
      watched_from: isoOf(watchedFrom(purchase)),
      look_at: purchase.method === "stripe" ? isoOf(lookAt(account)) : null
    })
    return [
      ...account.subscriptions.filter(({ id }) => touched.has(id)).map(rowOf("subscription")),
      ...account.memberships.filter(({ id }) => touched.has(id)).map(rowOf("membership"))
    ]
  })

export const paymentRows = (steps: ReadonlyArray<AccountAppend>): ReadonlyArray<object> =>
  steps.flatMap(({ account, records }) => {
    const touched = new Set(records.flatMap(paymentsIn))
    return account.payments.filter(({ id }) => touched.has(id)).map((payment) => ({
      id: payment.id,
      user_id: account.userId,
      purchase_id: payment.purchaseId,
      method: payment.method,
      external_id: payment.externalId ?? null,
      payment_intent: payment.paymentIntent ?? null,
      paid_at: isoOf(payment.paidAt)
    }))
  })

export const outboxRows = (steps: ReadonlyArray<AccountAppend>) =>
  steps.flatMap(({ account, outbox }) =>
    outbox.map(({ id, intent, purchaseId }) => ({
      id,
      purchase_id: purchaseId,
      intent: encodeIntent(intent),
      created_at: isoOf(account.updatedAt)
    }))
  )

export const syncRows = (steps: ReadonlyArray<AccountAppend>): ReadonlyArray<object> =>
  steps.flatMap(({ account, syncs }) =>
    syncs.map((purchase_id) => ({ purchase_id, requested_at: isoOf(account.updatedAt) }))
  )

type Purchase = AccountAppend["account"]["subscriptions"][number] | AccountAppend["account"]["memberships"][number]

/** The provider's subscription, or the token by which it is held: a token holds one membership at a time. */
const externalIdOf = (purchase: Purchase): string | undefined => {
  if ("biller" in purchase) return purchase.externalId
  return purchase.state === "revoked" ? undefined : purchase.token
}

/** A purchase is checked a day after each change, unless it was checked before. */
const lookAt = ({ updatedAt }: AccountAppend["account"]): DateTime.Utc | undefined =>
  updatedAt && DateTime.add(updatedAt, { hours: 24 })

/** The time from which the state at the provider may differ from the state here; never for a purchase that is over. */
const watchedFrom = (purchase: Purchase): DateTime.Utc | undefined => {
  if (purchase.state === "pending") return purchase.createdAt
  if (!("biller" in purchase) || !isLive(purchase)) return undefined
  if (purchase.refund !== undefined) return purchase.refund.since
  const times = [purchase.paidThrough, purchase.ending?.endsAt, purchase.change?.until]
  return times.reduce((first, at) => first === undefined || (at && DateTime.isLessThan(at, first)) ? at : first)
}

const purchasesIn = ({ event }: AccountAppend["records"][number]): ReadonlyArray<string> => {
  if (event._tag === "SubscriptionCreated") return [event.subscription.id]
  if (event._tag === "MembershipCreated" || event._tag === "MembershipClaimed") return [event.membership.id]
  if (event._tag === "MergedIn") return [...event.account.subscriptions, ...event.account.memberships].map(idOf)
  return "purchaseId" in event ? [event.purchaseId] : []
}

const paymentsIn = ({ event }: AccountAppend["records"][number]): ReadonlyArray<string> => {
  if (event._tag === "MergedIn") return event.account.payments.map(idOf)
  return "payment" in event ? [event.payment.id] : []
}

const idOf = ({ id }: { readonly id: string }): string => id
