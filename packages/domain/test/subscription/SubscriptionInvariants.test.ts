import {
  accountAt,
  type BillingAccount,
  BillingAccountMachine,
  defaultPlans,
  isAtLeast,
  isFullyRefunded,
  isLive,
  isOpen,
  nextDueAt,
  type Payment,
  type ProviderSnapshot,
  type Tier
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { Dice } from "../call/support/Dice.ts"
import { accessAt, create, done, emptyAccount, start } from "./accounts.ts"
import { aftermathOf, numbersFor, observations, play, randomLife, shortLife, type Turn } from "./randomAccounts.ts"

/** `SUBSCRIPTION_RUNS=5000 npm test -- SubscriptionInvariants` looks longer. */
const runs = Number(process.env["SUBSCRIPTION_RUNS"] ?? 100)

const terminal = new Set(["expired", "cancelled", "refunded"])

const invariants: Readonly<Record<string, (turns: ReadonlyArray<Turn>) => void>> = {
  "have one open subscription and one pending membership at most": (turns) => {
    for (const { step } of turns) {
      if (step === undefined) continue
      assert.isAtMost(step.account.subscriptions.filter(isOpen).length, 1)
      assert.isAtMost(step.account.memberships.filter(({ state }) => state === "pending").length, 1)
    }
  },

  "give no access beyond the paid time and its grace, whenever anybody looks": (turns) => {
    for (const { step } of turns) {
      for (const days of [0, 6, 8, 40, 400]) {
        if (step === undefined) continue
        const at = DateTime.add(step.account.updatedAt ?? start, { days })
        const access = accessAt(accountAt(step.account, at), at)
        if (access.source !== "subscription") continue
        const open = step.account.subscriptions.find(isOpen)
        assert.isDefined(open?.paidThrough)
        const furthest = DateTime.add(open?.paidThrough ?? at, { days: open?.biller === "stripe" ? 7 : 0 })
        assert.isTrue(DateTime.isLessThan(at, furthest))
        if (open?.ending !== undefined) assert.isTrue(DateTime.isLessThan(at, open.ending.endsAt))
      }
    }
  },

  "are settled in no other state by looking at them than by driving them": (turns) => {
    for (const { at, step } of turns) {
      if (step === undefined) continue
      const later = DateTime.add(at, { days: 45 })
      let driven = step.account
      for (let due = nextDueAt(driven); due !== undefined && !DateTime.isGreaterThan(due, later);) {
        driven = done(driven, { _tag: "Tick" }, due).account
        due = nextDueAt(driven)
      }
      assert.deepStrictEqual(accountAt(step.account, later), driven)
    }
  },

  "let nothing revive that had ended after it was paid for, but by a renewal that dchat learns of later": (turns) => {
    for (const { before, step } of turns) {
      for (const subscription of before.subscriptions) {
        const after = step?.account.subscriptions.find(({ id }) => id === subscription.id)
        if (after === undefined || !terminal.has(subscription.state) || subscription.activatedAt === undefined) continue
        const isRenewed = subscription.biller === "dchat" && subscription.state === "expired" &&
          step?.records.some(({ event }) => event._tag === "Renewed" && event.purchaseId === subscription.id)
        if (isRenewed !== true) assert.strictEqual(after.state, subscription.state)
      }
    }
  },

  "use each payment once": (turns) => {
    for (const { step } of turns) {
      const used = step?.account.payments.flatMap(({ externalId }) => externalId ?? []) ?? []
      assert.strictEqual(new Set(used).size, used.length)
    }
  },

  "are the fold of their history": (turns) => {
    for (const { before, step } of turns) {
      if (step === undefined) continue
      assert.deepStrictEqual(BillingAccountMachine.replay(before, step.records), step.account)
      assert.deepStrictEqual(
        step.records.map(({ seq }) => seq),
        step.records.map((_, index) => before.version + 1 + index)
      )
    }
  },

  "know no time that runs backwards": (turns) => {
    let last = start
    for (const { step } of turns) {
      for (const { at } of step?.records ?? []) {
        assert.isFalse(DateTime.isLessThan(at, last))
        last = at
      }
    }
  },

  "change nothing when they refuse or have nothing to do": (turns) => {
    for (const { before, step } of turns) {
      if (step !== undefined && step.records.length === 0) {
        assert.deepStrictEqual(step.account, before)
        assert.deepStrictEqual(step.intents, [])
      }
    }
  }
}

describe("Accounts under random commands", () => {
  for (const [sentence, holds] of Object.entries(invariants)) {
    it.prop(sentence, [randomLife], ([numbers]) => holds(play(numbers)), { arbitrary: { runs, size: 120 } })
  }

  it.prop(
    "are charged nothing more for a tier of a lifetime membership once all reports have arrived",
    [randomLife],
    ([numbers]) => {
      const { account, renewing } = aftermathOf(numbers)
      const held = account.memberships.filter(({ state }) => state === "active").map(({ terms }) => terms.tier)
      const isHad = (tier: Tier) => held.some((it) => isAtLeast(defaultPlans, it, tier))
      for (const { terms: { tier } } of renewing) assert.isFalse(isHad(tier))
      for (const subscription of account.subscriptions) {
        if (isLive(subscription) && isHad(subscription.terms.tier)) assert.isDefined(subscription.ending)
      }
    },
    { arbitrary: { runs, size: 120 } }
  )

  it.prop("wait for no completed refund once all reports have arrived", [randomLife], ([numbers]) => {
    for (const { refund } of aftermathOf(numbers).account.subscriptions) assert.isUndefined(refund)
  }, { arbitrary: { runs, size: 120 } })

  it.prop("give the period or a refund for each payment once all reports have arrived", [randomLife], ([numbers]) => {
    const { account, turns } = aftermathOf(numbers)
    // A change of plan counted the rest of what was paid before it against its price.
    const isCounted = ({ periodStart, purchaseId }: Payment) =>
      account.payments.some((it) =>
        it.purchaseId === purchaseId && it.kind === "change" && it.paidAt !== undefined && periodStart !== undefined &&
        !DateTime.isLessThan(it.paidAt, periodStart)
      )
    // A period may begin and be over in one observation.
    const isHad = ({ periodEnd, purchaseId }: Payment) =>
      turns.some(({ step }) =>
        step?.records.some(({ event }) =>
          (event._tag === "Activated" || event._tag === "Renewed" || event._tag === "PeriodCorrected") &&
          event.purchaseId === purchaseId && periodEnd !== undefined &&
          !DateTime.isLessThan(event.paidThrough, periodEnd)
        )
      )
    // The provider ended a paid subscription before the payment was observed here.
    const isServed = ({ paidAt, purchaseId }: Payment) =>
      turns.some(({ command, step }) =>
        command._tag === "Sync" && command.snapshot.purchaseId === purchaseId &&
        command.snapshot.subscription?.endedUnpaid === false &&
        step?.records.some(({ event }) =>
          event._tag === "Ended" && event.purchaseId === purchaseId && paidAt !== undefined &&
          DateTime.isLessThan(paidAt, event.endedAt)
        )
      )
    for (const payment of account.payments) {
      if (payment.kind !== "renewal" || payment.state !== "settled" || payment.method !== "stripe") continue
      const isBack = payment.reason === "returned" || isFullyRefunded(payment) ||
        payment.disputes.some(({ state }) => state === "lost")
      assert.isTrue(isHad(payment) || isServed(payment) || isBack || isCounted(payment), payment.externalId)
    }
  }, { arbitrary: { runs, size: 120 } })

  it("meet nearly every event within some hundred lives", () => {
    const turns = Array.from({ length: 300 }, (_, index) => play(numbersFor(1, index))).flat()
    const events = new Set(turns.flatMap(({ step }) => step?.records.map(({ event }) => event._tag as string) ?? []))
    const refusals = new Set(turns.flatMap(({ refusal }) => refusal ?? []))
    for (const event of ["Renewed", "ChargeFailed", "Refunded", "Suspended", "Restored", "Revoked", "LatePayment"]) {
      assert.isTrue(events.has(event), event)
    }
    for (const refusal of ["SubscriptionExists", "PaymentInProgress", "RefundNotAllowed", "NotChangeable"]) {
      assert.isTrue(refusals.has(refusal), refusal)
    }
  })
})

describe("The observations of one subscription at a provider", () => {
  const now = DateTime.add(start, { days: 1000 })

  /** The questions and the times of observation differ between the orders; the outcome does not. */
  const outcome = (account: BillingAccount) => ({
    observed: account.observed,
    payments: account.payments,
    refundedTiers: account.refundedTiers,
    subscriptions: account.subscriptions.map(({ askedAt: _1, ending, reminded: _2, ...rest }) => ({
      ...rest,
      endsAt: ending?.endsAt
    }))
  })

  const told = (snapshots: ReadonlyArray<ProviderSnapshot>) =>
    outcome(
      snapshots.reduce(
        (account, snapshot) => done(account, { _tag: "Sync", snapshot }, now).account,
        done(emptyAccount, create(1), start).account
      )
    )

  it.prop("lead to the same account in any order and with repeats", [shortLife], ([numbers]) => {
    const dice = new Dice(numbers[0] ?? 0)
    const inOrder = observations(numbers)
    const shuffled = [...inOrder, ...inOrder]
      .map((snapshot) => [dice.roll(), snapshot] as const)
      .toSorted(([one], [other]) => one - other)
      .map(([, snapshot]) => snapshot)
    const expected = told(inOrder)
    assert.deepStrictEqual(told(inOrder.slice(-1)), expected)
    assert.deepStrictEqual(told(shuffled), expected)
  }, { arbitrary: { runs, size: 25 } })
})
