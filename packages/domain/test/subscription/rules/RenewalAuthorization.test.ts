import { ChainId, WalletAddress } from "@dchat/domain/identity"
import {
  type AuthorizationEnd,
  type AuthorizationTerms,
  type BillingAccount,
  Bytes32,
  chargeAt,
  type ChargeFault,
  NoSubscription,
  NotChangeable,
  type Quote,
  RenewsAutomatically,
  type SubscriptionCommand,
  type SubscriptionEvent,
  type Transfer,
  UseUndoCancel,
  warnAt
} from "@dchat/domain/subscription"
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import {
  after,
  buyLifetime,
  create,
  done,
  emptyAccount,
  external,
  monthOne,
  monthTwo,
  paymentId,
  plan,
  proMonthly,
  purchaseId,
  settle,
  start,
  subscribed,
  subscribedByUs
} from "../accounts.ts"
import * as Events from "../Events.ts"
import { given } from "../given.ts"

const wallet = (digit: string) => WalletAddress.make(`0x${digit.repeat(40)}`)

const terms: AuthorizationTerms = {
  kind: "allowance",
  chainId: ChainId.make(1),
  asset: wallet("a"),
  payer: wallet("b"),
  spender: wallet("c")
}
const authorize = { _tag: "AuthorizeRenewal", terms } as const
const tick = { _tag: "Tick" } as const

const warning = (reason: ChargeFault): SubscriptionCommand => ({
  _tag: "WarnRenewal",
  purchaseId: purchaseId(1),
  reason
})
const warned = (reason: ChargeFault): SubscriptionEvent => ({
  _tag: "RenewalWarned",
  purchaseId: purchaseId(1),
  reason,
  endsAt: monthOne
})
const authorized = (since: DateTime.Utc): SubscriptionEvent => ({
  _tag: "RenewalAuthorized",
  purchaseId: purchaseId(1),
  authorization: { ...terms, since }
})
const over = (cause: AuthorizationEnd): SubscriptionEvent => ({
  _tag: "AuthorizationEnded",
  purchaseId: purchaseId(1),
  cause
})

const dayTwo = after(start, { days: 2 })
const before = (days: number, end = monthOne) => DateTime.subtract(end, { days })

/** Alice, whose wallet pays the renewals by itself since the second day. */
const authorizedAccount = (): BillingAccount => done(subscribedByUs(), authorize, dayTwo).account

const subscriptionIn = ({ subscriptions: [it] }: BillingAccount) => it ?? assert.fail("no subscription")

describe("An authorisation of renewals", () => {
  it("belongs to the live subscription that dchat bills, and is charged a day before the end", () => {
    const { state } = given(subscribedByUs()).when(authorize, dayTwo).yields(authorized(dayTwo)).tellsNothing()
    const subscription = subscriptionIn(state)
    assert.deepStrictEqual(subscription.authorization, { ...terms, since: dayTwo })
    assert.deepStrictEqual(chargeAt(subscription), before(1))
    assert.deepStrictEqual(warnAt(subscription), before(3))
    assert.isUndefined(chargeAt(subscriptionIn(subscribedByUs())))
  })

  it("that is given once more changes nothing, and another one takes its place", () => {
    const later = after(dayTwo, { hours: 1 })
    given(authorizedAccount()).when(authorize, later).yields()
    const other = { ...terms, kind: "permit2" } as const
    given(authorizedAccount()).when({ _tag: "AuthorizeRenewal", terms: other }, later).yields({
      _tag: "RenewalAuthorized",
      purchaseId: purchaseId(1),
      authorization: { ...other, since: later }
    })
  })

  it("needs a live subscription that dchat bills, and that goes on", () => {
    given(emptyAccount).when(authorize, dayTwo).refuses(new NoSubscription())
    given(done(emptyAccount, create(1, proMonthly, { method: "web3" }), start).account)
      .when(authorize, start).refuses(new NoSubscription())
    given(subscribed()).when(authorize, dayTwo).refuses(new RenewsAutomatically())
    const cancelled = done(subscribedByUs(), { _tag: "Cancel", when: "period_end" }, dayTwo).account
    given(cancelled).when(authorize, dayTwo).refuses(new UseUndoCancel())
    const reversed = done(subscribedByUs(), { _tag: "PaymentReversed", paymentId: paymentId(1) }, dayTwo).account
    given(reversed).when(authorize, dayTwo).refuses(new NotChangeable())
  })

  it("ends if the user revokes it, once", () => {
    const revoke = { _tag: "RevokeAuthorization", cause: "user" } as const
    const { state } = given(authorizedAccount()).when(revoke, dayTwo).yields(over("user"))
    assert.isUndefined(subscriptionIn(state).authorization)
    given(state).when(revoke, dayTwo).yields()
  })

  it("ends with a cancellation, and does not return with the subscription", () => {
    const cancel = { _tag: "Cancel", when: "period_end" } as const
    const { state } = given(authorizedAccount()).when(cancel, dayTwo).yields(
      Events.cancelScheduled("user", dayTwo),
      over("cancelled")
    )
    const again = given(state).when({ _tag: "UndoCancel" }, dayTwo).yields(Events.cancelUndone()).state
    assert.isUndefined(subscriptionIn(again).authorization)
  })

  it("ends with the subscription", () => {
    given(authorizedAccount()).when({ _tag: "Cancel", when: "now", confirmed: true }, dayTwo).yields(
      Events.cancelled(dayTwo),
      over("cancelled")
    )
    given(authorizedAccount()).when(tick, monthTwo).yields(Events.expired(monthOne), over("ended"))
    given(authorizedAccount()).when({ _tag: "EndBilling", leftAt: dayTwo }, dayTwo).yields(
      Events.cancelled(dayTwo),
      Events.billingEnded(dayTwo),
      over("deleted")
    )
  })

  it("ends with a lifetime membership of the tier", () => {
    const { account } = buyLifetime(authorizedAccount(), 2, "PRO", dayTwo)
    const [subscription] = account.subscriptions
    assert.strictEqual(subscription?.ending?.cause, "lifetime")
    assert.isUndefined(subscription?.authorization)
  })

  it("survives a renewal and a change down", () => {
    const at = before(1)
    const { state } = given(authorizedAccount()).when(settle("tx2", at), at)
    assert.deepStrictEqual(chargeAt(subscriptionIn(state)), before(1, monthTwo))
    const enterprise = done(subscribedByUs(plan("ENTERPRISE", "monthly")), authorize, dayTwo).account
    const changing = done(enterprise, { _tag: "Change", terms: proMonthly, prorationDate: dayTwo }, dayTwo).account
    assert.isDefined(subscriptionIn(changing).authorization)
  })
})

describe("Reminders of a renewal that dchat charges", () => {
  it("are not sent while the charge is expected to work", () => {
    given(authorizedAccount()).when(tick, before(0.5)).yields()
  })

  it("are sent after a warning", () => {
    const { state } = given(authorizedAccount()).when(warning("balance"), before(3)).yields(warned("balance"))
    assert.deepStrictEqual(subscriptionIn(state).warning, { reason: "balance", endsAt: monthOne, since: before(3) })
    given(state).when(tick, before(0.5)).yields(Events.reminderDue(1))
    const early = given(authorizedAccount()).when(warning("allowance"), before(5)).yields(warned("allowance")).state
    given(early).when(tick, before(0.5)).yields(Events.reminderDue(3), Events.reminderDue(1))
  })

  it("are sent after the authorisation has ended, but none of those that are past", () => {
    const { state } = given(authorizedAccount()).when({ _tag: "RevokeAuthorization", cause: "unlinked" }, before(5))
      .yields(over("unlinked"))
    given(state).when(tick, before(0.5)).yields(Events.reminderDue(3), Events.reminderDue(1))
  })

  it("stop if the user authorises again", () => {
    const warnedAccount = done(authorizedAccount(), warning("allowance"), before(3)).account
    const { state } = given(warnedAccount).when(authorize, before(2)).yields(authorized(before(2)))
    given(state).when(tick, before(0.5)).yields()
  })

  it("are not sent for the next period once the charge has worked", () => {
    const warnedAccount = done(authorizedAccount(), warning("balance"), before(3)).account
    const { state } = given(warnedAccount).when(settle("tx2", before(2)), before(2))
    assert.isUndefined(subscriptionIn(state).warning)
    given(state).when(tick, before(0.5, monthTwo)).yields()
  })
})

describe("A warning", () => {
  it("is given once a period, and never without an authorisation", () => {
    const { state } = given(authorizedAccount()).when(warning("balance"), before(3)).yields(warned("balance"))
    given(state).when(warning("paused"), before(2)).yields()
    given(subscribedByUs()).when(warning("balance"), dayTwo).yields()
  })
})

describe("A charge that was on its way when the user cancelled", () => {
  const at = before(1)
  const quote = (charged: boolean): Quote => ({
    chainId: terms.chainId,
    asset: { token: terms.asset, symbol: "USDC", decimals: 6 },
    amount: 4_990_000n,
    payer: terms.payer,
    recipient: wallet("d"),
    reference: Bytes32.make(`0x${"1".repeat(64)}`),
    price: proMonthly.price,
    quotedAt: at,
    expiresAt: after(at, { hours: 1 }),
    acceptedUntil: after(at, { days: 1 }),
    ...(charged && { charged: true as const })
  })
  const transfer: Transfer = {
    externalId: external(`1:0x${"2".repeat(64)}:0`),
    chainId: terms.chainId,
    token: terms.asset,
    payer: terms.payer,
    recipient: wallet("d"),
    amount: 4_990_000n,
    paidAt: after(at, { hours: 1 })
  }
  const cancelledAfter = (charged: boolean) => {
    const renewing: ReadonlyArray<SubscriptionCommand> = [
      {
        _tag: "Renew",
        purchaseId: purchaseId(2),
        paymentId: paymentId(2),
        method: "web3",
        terms: proMonthly
      },
      { _tag: "QuotePayment", paymentId: paymentId(2), quote: quote(charged) },
      { _tag: "Cancel", when: "period_end" },
      { _tag: "FollowTransfer", paymentId: paymentId(2), transfer, stage: "settled" }
    ]
    return renewing.reduce((account, command) => done(account, command, at).account, authorizedAccount())
  }

  it("becomes a credit, and does not undo the cancellation", () => {
    const account = cancelledAfter(true)
    assert.deepStrictEqual(account.walletCredit, proMonthly.price)
    assert.strictEqual(subscriptionIn(account).ending?.cause, "user")
    assert.deepStrictEqual(subscriptionIn(account).paidThrough, monthOne)
  })

  it("differs from a payment of the user, which undoes the cancellation", () => {
    const account = cancelledAfter(false)
    assert.isUndefined(account.walletCredit)
    assert.isUndefined(subscriptionIn(account).ending)
    assert.deepStrictEqual(subscriptionIn(account).paidThrough, monthTwo)
  })
})
