/**
 * Keeps accounts in a map: for tests and examples. What has to reach a provider is kept nowhere.
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
  PurchaseRequestKnown,
  type SubscriptionRecord,
  SubscriptionRepository
} from "@dchat/domain/subscription"
import { DateTime, Effect, Layer, Option, Result } from "effect"

type Request = NonNullable<AccountAppend["request"]>

const requestHours = 24

const keyOf = ({ key, operation, userId }: Pick<Request, "userId" | "operation" | "key">) =>
  JSON.stringify([userId, operation, key])

const isFresh = ({ at }: Request, now: DateTime.Utc) =>
  DateTime.isGreaterThan(at, DateTime.subtract(now, { hours: requestHours }))

/** Payments and tokens: each belongs to one user only. */
const usedIn = ({ memberships, payments }: BillingAccount) => [
  ...payments.flatMap(({ externalId }) => externalId ?? []),
  ...memberships.flatMap(({ state, token }) => state === "revoked" ? [] : token ?? [])
]

export const layer = Layer.sync(SubscriptionRepository, () => {
  const accounts = new Map<UserId, BillingAccount>()
  const history = new Map<UserId, ReadonlyArray<SubscriptionRecord>>()
  const resting = new Map<UserId, DateTime.Utc>()
  const requests = new Map<string, Request>()

  const isUsedByOther = ({ account }: AccountAppend) => {
    const used = new Set(usedIn(account))
    return [...accounts.values()].some((other) =>
      other.userId !== account.userId && usedIn(other).some((externalId) => used.has(externalId))
    )
  }

  const isKnown = (request: Request): boolean => {
    const known = requests.get(keyOf(request))
    return known !== undefined && isFresh(known, request.at)
  }

  const keep = (step: AccountAppend): Result.Result<void, BillingAccountConflict["reason"]> => {
    const { account, expected, records, request } = step
    const { userId } = account
    if ((accounts.get(userId)?.version ?? 0) !== expected) return Result.fail(new AccountMoved())
    if (request && isKnown(request)) return Result.fail(new PurchaseRequestKnown())
    if (isUsedByOther(step)) return Result.fail(new PaymentUsed())
    accounts.set(userId, account)
    history.set(userId, [...history.get(userId) ?? [], ...records])
    resting.delete(userId)
    if (request) requests.set(keyOf(request), request)
    return Result.succeed(undefined)
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
      Effect.suspend(() =>
        Effect.mapError(Effect.fromResult(keep(step)), (reason) => new BillingAccountConflict({ reason }))
      ),
    moveDue: ({ limit, now, retryAt }, decide) =>
      Effect.gen(function*() {
        const due = dueBy(now).slice(0, limit)
        for (const { userId } of due) resting.set(userId, retryAt)
        const steps = yield* decide(due)
        const kept = steps.filter((step) => Result.isSuccess(keep(step)))
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
          [...accounts.values()].flatMap(({ payments, subscriptions, userId }) => {
            const paid = payments.find((it) => it.externalId === id || it.paymentIntent === id)?.purchaseId
            const purchaseId = paid ?? subscriptions.find((it) => it.externalId === id)?.id
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
    unreadable: () => Effect.succeed({ unreadable: [], last: undefined }),
    findRequest: (key, now) =>
      Effect.sync(() => Option.filter(Option.fromUndefinedOr(requests.get(keyOf(key))), (it) => isFresh(it, now))),
    remember: (request) =>
      Effect.suspend(() => {
        if (isKnown(request)) return new BillingAccountConflict({ reason: new PurchaseRequestKnown() })
        requests.set(keyOf(request), request)
        return Effect.void
      }),
    purgeRequests: (now, limit) =>
      Effect.sync(() => {
        const old = [...requests].filter(([_, request]) => !isFresh(request, now)).slice(0, limit)
        for (const [key] of old) requests.delete(key)
        return old.length
      })
  })
})
