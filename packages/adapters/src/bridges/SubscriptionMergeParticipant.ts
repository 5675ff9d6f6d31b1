/**
 * The part of subscriptions in a merge of two users. A merge is refused while both have a live subscription, or while
 * one of them has an open payment. The surviving user takes over all purchases, payments and grants.
 */
import { type MergeParticipant, MergePaymentOpen, MergeTwoSubscriptions } from "@dchat/domain/identity"
import {
  accountAt,
  type BillingAccount,
  isLive,
  makeBillingAccountStep,
  resolveAccountRaces,
  SubscriptionRepository,
  UsageRepository
} from "@dchat/domain/subscription"
import { DateTime, Effect } from "effect"

const cause = { _tag: "User" } as const

export const make = Effect.gen(function*() {
  const repository = yield* SubscriptionRepository
  const usage = yield* UsageRepository
  const step = yield* makeBillingAccountStep

  const participant: MergeParticipant = {
    check: Effect.fnUntraced(function*(survivor, absorbed) {
      const now = yield* DateTime.now
      const accounts = yield* Effect.forEach(
        [survivor, absorbed],
        (user) => Effect.map(repository.load(user), (account) => accountAt(account, now))
      )
      yield* mayBeOne(accounts)
    }),
    // Accounts are not locked: each is looked at again in the state that is moved, since a user may have ordered.
    move: (survivor, absorbed) =>
      Effect.gen(function*() {
        yield* usage.move(absorbed, survivor)
        const account = yield* resolveAccountRaces(
          absorbed,
          Effect.gen(function*() {
            const before = yield* repository.load(absorbed)
            // The account, with every deadline applied that has passed at the handover.
            const settled = accountAt(before, yield* DateTime.now)
            yield* mayBeOne([settled])
            if (before.version > 0) yield* step(before, { _tag: "MergeOut", to: survivor }, cause)
            return settled
          })
        )
        if (account.version === 0) return
        // The survivor takes over the account that was handed over, even after many conflicts with other writers.
        yield* resolveAccountRaces(
          survivor,
          Effect.gen(function*() {
            const before = yield* repository.load(survivor)
            yield* mayBeOne([accountAt(before, yield* DateTime.now), account])
            yield* step(before, { _tag: "MergeIn", account }, cause)
          })
        )
      }).pipe(Effect.catchTag(["AccountContended", "BillingAccountConflict"], Effect.die))
  }

  return participant
})

const isAboutToPay = ({ memberships, subscriptions }: BillingAccount): boolean =>
  [...subscriptions, ...memberships].some(({ state }) => state === "pending")

const mayBeOne = Effect.fnUntraced(function*(accounts: ReadonlyArray<BillingAccount>) {
  if (accounts.some(isAboutToPay)) return yield* new MergePaymentOpen()
  const live = accounts.filter(({ subscriptions }) => subscriptions.some(isLive))
  if (live.length > 1) return yield* new MergeTwoSubscriptions()
})
