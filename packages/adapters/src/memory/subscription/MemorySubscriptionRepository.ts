/**
 * Keeps accounts in a map: for tests and examples. The repository does not store the intents for a provider.
 */
import type { UserId } from "@dchat/domain/identity"
import {
  type AccountAppend,
  AccountMoved,
  type BillingAccount,
  BillingAccountConflict,
  emptyBillingAccount,
  isOpen,
  nextDueAt,
  PaymentUsed,
  type SubscriptionRecord,
  SubscriptionRepository
} from "@dchat/domain/subscription"
import { Context, DateTime, Effect, Layer, Option } from "effect"
import * as MemoryIdempotencyKeys from "../idempotency/MemoryIdempotencyKeys.ts"

/** Payments and tokens: each belongs to one user only. */
const usedIn = ({ memberships, payments }: BillingAccount) => [
  ...payments.flatMap(({ externalId }) => externalId ?? []),
  ...memberships.flatMap(({ state, token }) => state === "revoked" ? [] : token ?? [])
]

/** The accounts of an installation in memory, which other adapters in memory search. */
export class MemoryAccounts extends Context.Service<MemoryAccounts, ReadonlyMap<UserId, BillingAccount>>()(
  "@dchat/adapters/memory/MemoryAccounts"
) {}

const make = (
  { obstacleTo }: MemoryIdempotencyKeys.MemoryRecordedRequests["Service"],
  accounts: Map<UserId, BillingAccount>
) => {
  const history = new Map<UserId, ReadonlyArray<SubscriptionRecord>>()
  const resting = new Map<UserId, DateTime.Utc>()

  const isUsedByOther = ({ account }: AccountAppend) => {
    const used = new Set(usedIn(account))
    return [...accounts.values()].some((other) =>
      other.userId !== account.userId && usedIn(other).some((externalId) => used.has(externalId))
    )
  }

  const conflictOf = (step: AccountAppend): BillingAccountConflict["reason"] | undefined => {
    if ((accounts.get(step.account.userId)?.version ?? 0) !== step.expected) return new AccountMoved()
    return isUsedByOther(step) ? new PaymentUsed() : undefined
  }

  const keep = (step: AccountAppend): BillingAccountConflict["reason"] | undefined => {
    const { account, records, request } = step
    const { userId } = account
    const reason = obstacleTo(request, () => conflictOf(step))
    if (reason !== undefined) return reason
    accounts.set(userId, account)
    history.set(userId, [...history.get(userId) ?? [], ...records])
    resting.delete(userId)
    return undefined
  }

  const dueBy = (now: DateTime.Utc) =>
    [...accounts.values()].flatMap((account) => {
      const at = nextDueAt(account)
      const rest = resting.get(account.userId)
      const rests = rest !== undefined && DateTime.isGreaterThan(rest, now)
      return at === undefined || DateTime.isGreaterThan(at, now) || rests ? [] : [{ account, at }]
    }).toSorted((one, other) => DateTime.Order(one.at, other.at)).map(({ account }) => account)

  const find = (holds: (account: BillingAccount) => boolean) =>
    Option.fromUndefinedOr([...accounts.values()].find(holds))

  return SubscriptionRepository.of({
    load: (id) => Effect.sync(() => accounts.get(id) ?? emptyBillingAccount(id)),
    append: (step) =>
      Effect.suspend(() => {
        const reason = keep(step)
        return reason === undefined ? Effect.void : new BillingAccountConflict({ reason })
      }),
    moveDue: ({ limit, now, retryAt }, decide) =>
      Effect.gen(function*() {
        const due = dueBy(now).slice(0, limit)
        for (const { userId } of due) resting.set(userId, retryAt)
        const steps = yield* decide(due)
        const kept = steps.filter((step) => keep(step) === undefined)
        return { found: due.length, moved: new Set(kept.map(({ account }) => account.userId)) }
      }),
    ownerOf: (purchase) =>
      Effect.sync(() =>
        Option.map(
          find(({ memberships, subscriptions }) =>
            [...subscriptions, ...memberships].some(({ id }) => id === purchase)
          ),
          ({ userId }) => userId
        )
      ),
    purchaseOfMoney: (id) =>
      Effect.sync(() =>
        Option.fromUndefinedOr(
          [...accounts.values()].flatMap(({ memberships, payments, subscriptions, userId }) => {
            const paid = payments.find((it) => it.externalId === id || it.paymentIntent === id)?.purchaseId
            const purchaseId = paid ?? subscriptions.find((it) => it.externalId === id)?.id ??
              memberships.find((it) => it.token === id && it.state !== "revoked")?.id
            return purchaseId === undefined ? [] : [{ userId, purchaseId }]
          })[0]
        )
      ),
    tiersHeld: Effect.sync(() => {
      const held = [...accounts.values()].flatMap(({ memberships, subscriptions }) =>
        subscriptions.filter(isOpen).map(({ terms }) => terms.tier).concat(
          memberships.filter(({ state }) => state !== "revoked").map(({ terms }) => terms.tier)
        )
      )
      return [...new Set(held)]
    }),
    events: (id, { before = Infinity, limit }) =>
      Effect.sync(() => (history.get(id) ?? []).filter(({ seq }) => seq < before).toReversed().slice(0, limit)),
    unreadable: () => Effect.succeed({ unreadable: [], last: undefined })
  })
}

export const layer = Layer.effectContext(
  Effect.map(MemoryIdempotencyKeys.MemoryRecordedRequests, (requests) => {
    const accounts = new Map<UserId, BillingAccount>()
    return Context.make(SubscriptionRepository, make(requests, accounts)).pipe(Context.add(MemoryAccounts, accounts))
  })
).pipe(Layer.provideMerge(MemoryIdempotencyKeys.layer))
