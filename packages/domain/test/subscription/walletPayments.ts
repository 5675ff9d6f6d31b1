/**
 * Quotes and transfers of USDC by the wallet of Alice.
 */
import { ChainId, WalletAddress } from "@dchat/domain/identity"
import {
  type BillingAccount,
  Bytes32,
  type Payment,
  type PaymentId,
  type Quote,
  type SubscriptionCommand,
  type SubscriptionEvent,
  type SubscriptionEventOf,
  type Transfer,
  type TransferStage
} from "@dchat/domain/subscription"
import { assert } from "@effect/vitest"
import { DateTime } from "effect"
import { create, done, emptyAccount, external, paymentId, proMonthly, purchaseId, start } from "./accounts.ts"

type At = DateTime.Utc

const address = (digit: string) => WalletAddress.make(`0x${digit.repeat(40)}`)

export const aliceWallet = address("a")
export const otherWallet = address("b")
export const usdc = { token: address("c"), symbol: "USDC", decimals: 6 }
export const ether = { symbol: "ETH", decimals: 18 }
const recipient = address("d")

export const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

/** For the price of PRO by the month, at `start` unless told otherwise. */
export const quote = ({ quotedAt = start, ...rest }: Partial<Quote> = {}): Quote => ({
  chainId: ChainId.make(1),
  asset: usdc,
  amount: 4_990_000n,
  payer: aliceWallet,
  recipient,
  reference: Bytes32.make(`0x${"0".repeat(64)}`),
  price: proMonthly.price,
  quotedAt,
  expiresAt: DateTime.add(quotedAt, { minutes: 60 }),
  acceptedUntil: DateTime.add(quotedAt, { hours: 24 }),
  ...rest
})

/** The n-th transaction. Pays the quote of `quote()` a minute later unless told otherwise. */
export const transfer = (n: number, rest: Partial<Transfer> = {}): Transfer => ({
  externalId: external(`1:0x${String(n).padStart(64, "0")}:0`),
  chainId: ChainId.make(1),
  token: usdc.token,
  payer: aliceWallet,
  recipient,
  amount: 4_990_000n,
  paidAt: DateTime.add(start, { minutes: 1 }),
  ...rest
})

export const quotePayment = (of: Quote = quote(), id: PaymentId = paymentId(1)): SubscriptionCommand => ({
  _tag: "QuotePayment",
  paymentId: id,
  quote: of
})

export const follow = (
  stage: TransferStage,
  of: Transfer = transfer(1),
  { id = paymentId(1), ...rest }: {
    readonly id?: PaymentId
    readonly admitted?: true
    readonly assigned?: true
  } = {}
): SubscriptionCommand => ({ _tag: "FollowTransfer", paymentId: id, transfer: of, stage, ...rest })

/** A renewal of PRO by the month, paid by the n-th payment. */
export const renewal = (n: number) =>
  ({ _tag: "Renew", purchaseId: purchaseId(n), paymentId: paymentId(n), method: "web3", terms: proMonthly }) as const

/** The order of a lifetime membership, paid by wallet. */
export const web3 = (order: SubscriptionCommand): SubscriptionCommand =>
  order._tag === "CreateLifetime" ? { ...order, method: "web3" } : order

/** Carries out commands one after another. */
export const after = (account: BillingAccount, ...steps: ReadonlyArray<readonly [SubscriptionCommand, At]>) =>
  steps.reduce((now, [command, at]) => done(now, command, at).account, account)

/** Alice has ordered PRO by the month at `start`, and was quoted USDC. */
export const quoted = (): BillingAccount =>
  after(emptyAccount, [create(1, proMonthly, { method: "web3" }), start], [quotePayment(), start])

/** The first transfer has paid for it. */
export const paidByWallet = (of: Transfer = transfer(1)): BillingAccount =>
  after(quoted(), [follow("settled", of), DateTime.max(start, of.paidAt)])

export const payment = ({ payments }: BillingAccount, n = 1): Payment =>
  payments.find(({ id }) => id === paymentId(n)) ?? assert.fail("no such payment")

export const confirming = (of: Transfer, provisional?: true, n = 1): SubscriptionEvent => ({
  _tag: "PaymentConfirming",
  paymentId: paymentId(n),
  transfer: of,
  ...(provisional && { provisional })
})

export const dropped = (n = 1): SubscriptionEvent => ({ _tag: "PaymentDropped", paymentId: paymentId(n) })

export const creditMoved = (
  cause: SubscriptionEventOf<"WalletCreditChanged">["cause"],
  left: bigint,
  n: number | undefined = 1
): SubscriptionEvent => ({
  _tag: "WalletCreditChanged",
  cause,
  ...(left > 0n && { credit: usd(left) }),
  ...(left < 0n && { debt: usd(-left) }),
  ...(n !== undefined && { paymentId: paymentId(n) })
})
