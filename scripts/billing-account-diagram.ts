/**
 * Writes docs/billing-account-machine.md from what the machine of accounts does: it plays random lives from a fixed seed and
 * draws the transitions it sees. `--check` says whether the page is current instead.
 */
import {
  type BillingAccount,
  type Dispute,
  evolveAccount,
  type ProviderPayment,
  type ProviderSnapshot,
  type SubscriptionRecord
} from "@dchat/domain/subscription"
import { DateTime } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { resolve } from "node:path"
import {
  createLifetime,
  done,
  emptyAccount,
  external,
  lifetime,
  money,
  purchaseId,
  snapshot,
  start
} from "../packages/domain/test/subscription/accounts.ts"
import { numbersFor, play } from "../packages/domain/test/subscription/randomAccounts.ts"
import { Diagram } from "./Diagram.ts"

const page = resolve(import.meta.dirname, "../docs/billing-account-machine.md")

// Most random commands are refused, and no test reads the stack of a refusal here.
Error.stackTraceLimit = 0

/** More lives show no further transition. */
const lives = 2000

const subscriptions = new Diagram()
const memberships = new Diagram()
const payments = new Diagram()

interface Thing {
  readonly id: string
  readonly state: string
}

const see = (diagram: Diagram, event: string, before: ReadonlyArray<Thing>, after: ReadonlyArray<Thing>): void => {
  for (const { id, state } of after) {
    diagram.see(before.find((it) => it.id === id)?.state ?? "[*]", state, event)
  }
}

const observe = (before: BillingAccount, { at, event }: SubscriptionRecord): BillingAccount => {
  const after = evolveAccount(before, event, at)
  // A user who takes over an account also takes over its purchases.
  if (event._tag === "MergedIn" || event._tag === "MergedOut") return after
  see(subscriptions, event._tag, before.subscriptions, after.subscriptions)
  see(memberships, event._tag, before.memberships, after.memberships)
  see(payments, event._tag, before.payments, after.payments)
  return after
}

for (let index = 0; index < lives; index++) {
  for (const { before, step } of play(numbersFor(1, index))) {
    let account = before
    for (const record of step?.records ?? []) account = observe(account, record)
  }
}

/** Situations that random lives rarely reach. */
const paidFor = (more: Partial<ProviderPayment> = {}) => ({
  payments: [money("life", start, {}, { kind: "lifetime", ...more })]
})
const amount = lifetime("PRO").price
const disputed = (state: Dispute["state"]) =>
  paidFor({ disputes: [{ externalId: external("du_1"), state, openedAt: start }] })
const returned = paidFor({ refunds: [{ externalId: external("re_1"), amount, state: "succeeded", at: start }] })
const lapsed = { payments: [], checkout: { sessionId: external("cs_1"), state: "expired" as const } }
const cancelled = { _tag: "Cancel", when: "now", closed: purchaseId(1) } as const
const forGood: ReadonlyArray<ReadonlyArray<Partial<ProviderSnapshot> | typeof cancelled>> = [
  [cancelled],
  [lapsed, paidFor()],
  [paidFor(), returned],
  [paidFor(), disputed("open"), disputed("won")],
  [paidFor(), disputed("open"), disputed("lost")],
  [paidFor(), disputed("open"), returned]
]
for (const life of forGood) {
  let account = done(emptyAccount, createLifetime(1, lifetime("PRO")), start).account
  let at = start
  for (const step of life) {
    at = DateTime.add(at, { hours: 1 })
    const { records } = done(account, "_tag" in step ? step : snapshot(1, at, step), at)
    for (const record of records) account = observe(account, record)
  }
}

const token = external("1:0xdeed:7")
const hold = { _tag: "HoldToken", purchaseId: purchaseId(1), terms: lifetime("PRO"), token } as const
for (const gone of [{ _tag: "TokenGone", token }, { _tag: "TokenGone", token, to: emptyAccount.userId }] as const) {
  let account = emptyAccount
  for (const command of [hold, gone]) {
    for (const record of done(account, command, start).records) account = observe(account, record)
  }
}

const text = `# The billing account machine

\`scripts/billing-account-diagram.ts\` generates this page from ${lives} random lives. After a change of the machine, run
\`npm run diagrams\`. The rules are in \`packages/domain/src/subscription/rules\`; [subscriptions.md](subscriptions.md) explains
them. The diagrams leave out events that do not change the state.

## A subscription

${subscriptions}

## A membership

A lifetime membership.

${memberships}

## A payment

${payments}
`

if (!process.argv.includes("--check")) writeFileSync(page, text)
else if (readFileSync(page, "utf8") !== text) {
  console.error("docs/billing-account-machine.md is not current: run `npm run diagrams`")
  process.exitCode = 1
}
