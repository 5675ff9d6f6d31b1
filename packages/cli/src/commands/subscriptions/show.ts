/**
 * `dchat subscriptions show`: the purchases, payments and grants of a user, and the latest events.
 */
import {
  accessAt,
  accountAt,
  Catalogue,
  type Grant,
  type Membership,
  minorDigits,
  type Money,
  type Payment,
  type Subscription,
  type SubscriptionRecord,
  SubscriptionRepository
} from "@dchat/domain/subscription"
import { Console, DateTime, Effect } from "effect"
import { Command } from "effect/cli"
import { printable } from "../../Printable.ts"
import { refuse } from "../../Refusal.ts"
import { requireUser, subject } from "./Subject.ts"

const latest = 20

const iso = (at: DateTime.Utc | undefined): string => at === undefined ? "-" : DateTime.formatIso(at)

const money = ({ currency, minorUnits }: Money): string => {
  // Intl leaves the small units out that are hardly used, as of the forint.
  const digits = minorDigits(currency)
  return new Intl.NumberFormat("en", {
    style: "currency",
    currency,
    currencyDisplay: "code",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits
  }).format(Number(minorUnits) / 10 ** digits)
}

const subscriptionLine = ({ ending, externalId, id, paidThrough, state, terms }: Subscription) =>
  `subscription  ${id}  ${state}  ${terms.tier} ${terms.period}  paid through ${iso(paidThrough)}` +
  (ending === undefined ? "" : `  ends ${iso(ending.endsAt)} (${ending.cause})`) +
  (externalId === undefined ? "" : `  ${externalId}`)

const membershipLine = ({ id, state, terms }: Membership) => `membership    ${id}  ${state}  ${terms.tier}`

const grantLine = ({ from, id, reason, revokedAt, tier, until }: Grant) =>
  `grant         ${id}  ${tier}  ${iso(from)} to ${iso(revokedAt ?? until)}  ${printable(reason)}`

const paymentLine = ({ amount, externalId, id, kind, paidAt, state }: Payment) =>
  `payment       ${id}  ${state}  ${kind}  ${money(amount)}  ${iso(paidAt)}  ${externalId ?? ""}`

const causeOf = ({ cause }: SubscriptionRecord): string =>
  cause._tag === "Admin" ? `${printable(cause.actor)}: ${printable(cause.reason)}` : cause._tag.toLowerCase()

const recordLine = (record: SubscriptionRecord) =>
  `${String(record.seq).padStart(5)}  ${iso(record.at)}  ${record.event._tag}  (${causeOf(record)})`

export const show = Command.make(
  "show",
  { user: subject },
  Effect.fn(function*({ user }) {
    yield* requireUser(user)
    const repository = yield* SubscriptionRepository
    const now = yield* DateTime.now
    const account = accountAt(yield* repository.load(user), now)
    const { source, tier = "the lowest plan", until } = accessAt(account, now, yield* Catalogue)
    const lines = [
      `has ${tier}, from ${source}${until === undefined ? "" : `, until ${iso(until)}`}`,
      ...account.subscriptions.map(subscriptionLine),
      ...account.memberships.map(membershipLine),
      ...account.grants.map(grantLine),
      ...account.payments.map(paymentLine),
      ...(yield* repository.events(user, { limit: latest })).map(recordLine)
    ]
    yield* Console.log(lines.join("\n"))
  }, (effect) => Effect.catch(effect, ({ message }) => refuse(`Not shown: ${message}.`)))
).pipe(Command.withDescription("Show the purchases, payments and grants of a user"))
