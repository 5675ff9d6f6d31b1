/**
 * Watches a history while it is played: nothing is settled that the chain did not have at settling depth, and provisional
 * access stays within its budget.
 */
import type { Chain, ExposureBudget } from "@dchat/domain/onchain"
import type { BillingAccount, ExternalId, Payment } from "@dchat/domain/subscription"
import { assert } from "@effect/vitest"
import { headOf, type History, movementsOf, type Transaction } from "./SimulatedChain.ts"

const isSettled = ({ state, transfer }: Payment) => state === "settled" && transfer !== undefined

const settledIn = (accounts: ReadonlyArray<BillingAccount>): ReadonlySet<ExternalId> =>
  new Set(
    accounts.flatMap(({ payments }) => payments.filter(isSettled).flatMap(({ transfer }) => transfer?.externalId ?? []))
  )

export class Watch {
  private readonly chain: Chain
  private readonly budget: ExposureBudget
  private before: ReadonlySet<ExternalId> = new Set()
  private seen: ReadonlyArray<History> = []
  private wished: ReadonlyArray<Transaction> = []

  constructor(chain: Chain, budget: ExposureBudget) {
    this.chain = chain
    this.budget = budget
  }

  /** Transactions that users would have liked to be in a block, and that only a forked endpoint has. */
  dreamt(): ReadonlyArray<Transaction> {
    return this.wished
  }

  wish(transaction: Transaction): void {
    this.wished = [...this.wished.slice(-3), transaction]
  }

  /** A scan begins. */
  begin(accounts: ReadonlyArray<BillingAccount>): void {
    this.before = settledIn(accounts)
  }

  /** A reorganisation ends this history of the chain. Endpoints that lag may still have this history. */
  saw(history: History): void {
    this.seen = [...this.seen, history]
  }

  /** A scan has ended. What was settled meanwhile was deep enough at some time. */
  end(accounts: ReadonlyArray<BillingAccount>, now: History): void {
    const deep = this.chain.settledAt
    const blocks = "blocks" in deep ? deep.blocks : 9
    for (const externalId of settledIn(accounts)) {
      if (this.before.has(externalId)) continue
      const wasDeep = [...this.seen, now].some((history) =>
        history.slice(0, headOf(history).header.number - blocks + 2).flatMap(movementsOf)
          .some(({ transfer }) => transfer.externalId === externalId)
      )
      assert.isTrue(wasDeep, `${externalId} was settled without the chain`)
    }
  }

  provisional(accounts: ReadonlyArray<BillingAccount>): void {
    let sum = 0n
    for (const { payments } of accounts) {
      const own = payments.filter(({ provisional, state }) => provisional === true && state === "confirming")
        .reduce((total, { amount }) => total + amount.minorUnits, 0n)
      assert.isAtMost(Number(own), Number(this.budget.user.minorUnits), "provisional access of one user")
      sum += own
    }
    assert.isAtMost(Number(sum), Number(this.budget.installation.minorUnits), "provisional access")
  }
}
