import {
  type AccountAppend,
  type BillingAccount,
  BillingAccountMachine,
  defaultPlans,
  emptyBillingAccount,
  nextDueAt,
  type SubscriptionCommand
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime, Result } from "effect"
import { quoteOf, someChain, someTransfer } from "../../../../domain/src/contracts/support/chainSteps.ts"
import { noon, someAddress, someUserId } from "../../../../domain/src/contracts/support/identityFixtures.ts"
import { lifetime, plan } from "../../../../domain/src/contracts/support/subscriptionFixtures.ts"
import { newPayment, newPurchase } from "../../../../domain/src/contracts/support/subscriptionSteps.ts"
import { Dice } from "../../../../domain/test/call/support/Dice.ts"
import { quotedWalletRows } from "../../../src/postgres/onchain/QuotedWalletRows.ts"

const runs = 300
const [chains, payers] = [[someChain(), someChain()] as const, [someAddress(), someAddress()] as const]
const recipient = someAddress()

/** The next steps of a user, a chain or an administrator. Commands that the rules refuse are left out later. */
const commandsIn = (dice: Dice, account: BillingAccount, at: DateTime.Utc): SubscriptionCommand | undefined => {
  const terms = dice.pick([plan("PRO", "monthly"), plan("ENTERPRISE", "monthly"), plan("PRO", "yearly")])
  const bought = { purchaseId: newPurchase(), paymentId: newPayment(), method: "web3" } as const
  const payment = dice.pick(account.payments)
  const quote = payment?.quotes && dice.pick(payment.quotes)
  const transfer = payment?.transfer ?? (quote && {
    ...someTransfer(quote.chainId, { payer: quote.payer, recipient, paidAt: at }),
    token: quote.asset.token ?? someAddress()
  })
  const paymentId = payment?.id ?? bought.paymentId
  const stage = dice.pick(["included", "provisional", "settled", "final", "dropped"] as const)
  const offer = quoteOf({ chainId: dice.pick(chains), payer: dice.pick(payers), native: dice.chance(20), recipient })
  const quotedAt = at
  const acceptedUntil = DateTime.add(at, { hours: 1 })
  return dice.weighted<SubscriptionCommand | undefined>([
    [3, { _tag: "Create", ...bought, terms, autoRenew: false }],
    [1, { _tag: "Renew", ...bought, terms }],
    [1, { _tag: "CreateLifetime", ...bought, terms: lifetime("PRO") }],
    [9, { _tag: "QuotePayment", paymentId, quote: { ...offer, quotedAt, expiresAt: acceptedUntil, acceptedUntil } }],
    [9, transfer && { _tag: "FollowTransfer", paymentId, transfer, stage }],
    [1, { _tag: "SubmitPayment", paymentId, transactionHash: offer.reference }],
    [2, { _tag: "Change", terms, prorationDate: at, paymentId: bought.paymentId }],
    [1, { _tag: "UndoChange" }],
    [1, { _tag: "Cancel", when: dice.pick(["now", "period_end"] as const), confirmed: true }],
    [1, { _tag: "Refund" }],
    [3, { _tag: "Tick" }],
    [dice.chance(10) ? 1 : 0, { _tag: "EndBilling", leftAt: at }]
  ])
}

/** The rows of all payments of an account, whatever has happened to them. */
const allRows = (account: BillingAccount): ReadonlyArray<object> =>
  quotedWalletRows([{
    expected: 0,
    account,
    records: [{ seq: 1, at: noon, cause: { _tag: "Clock" }, event: { _tag: "MergedIn", account } }],
    outbox: [],
    syncs: []
  }])

const sorted = (rows: Iterable<object>) => [...rows].map((row) => JSON.stringify(row)).toSorted()

const keyOf = (row: object): string => JSON.stringify(Object.entries(row).slice(0, 3))

describe("The rows of quoted wallets", () => {
  it("follow every step of an account, whatever happens to its payments", () => {
    const states = new Set<string>()
    for (let seed = 1; seed <= runs; seed += 1) {
      const dice = new Dice(seed)
      let account = emptyBillingAccount(someUserId())
      let at = noon
      const kept = new Map<string, object>()
      for (let turn = 0; turn < 40; turn += 1) {
        const due = nextDueAt(account)
        at = due !== undefined && dice.chance(20)
          ? DateTime.max(at, due)
          : DateTime.add(at, { minutes: dice.below(45) })
        const command = commandsIn(dice, account, at)
        const decided = command && BillingAccountMachine.decide(command, account, at, { _tag: "User" }, defaultPlans)
        if (decided === undefined || Result.isFailure(decided)) continue
        const { records } = decided.success
        if (!Array.isReadonlyArrayNonEmpty(records)) continue
        const step: AccountAppend = {
          expected: account.version,
          account: decided.success.account,
          records,
          outbox: [],
          syncs: []
        }
        account = step.account
        for (const row of quotedWalletRows([step])) kept.set(keyOf(row), row)
        for (const { quotes, state } of account.payments) if (quotes !== undefined) states.add(state)
        assert.deepStrictEqual(sorted(kept.values()), sorted(allRows(account)), `seed ${seed}, ${command?._tag}`)
      }
    }
    assert.sameMembers([...states], ["quoted", "submitted", "confirming", "settled", "lapsed", "reversed"])
  })
})
