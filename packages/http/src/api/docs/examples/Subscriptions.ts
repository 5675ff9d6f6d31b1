/**
 * A subscription, its payment and the plan behind it.
 */
import { ids } from "./Ids.ts"

const usd = (minorUnits: number) => ({ currency: "USD", minorUnits })

const began = "2026-01-01T10:00:00.000Z"
const paidThrough = "2026-02-01T10:00:00.000Z"

export const subscription = {
  id: ids.purchase,
  state: "active",
  tier: "PRO",
  period: "monthly",
  price: usd(499),
  method: "stripe",
  createdAt: began,
  activatedAt: began,
  periodStart: began,
  paidThrough
} as const

export const membership = {
  id: ids.lifetime,
  state: "active",
  tier: "PRO",
  price: usd(19_900),
  method: "stripe",
  createdAt: began,
  activatedAt: began
} as const

export const payment = {
  id: ids.payment,
  purchaseId: ids.purchase,
  kind: "first",
  method: "stripe",
  state: "settled",
  amount: usd(499),
  createdAt: began,
  paidAt: began,
  periodStart: began,
  periodEnd: paidThrough,
  receiptUrl: "https://pay.stripe.com/receipts/example"
} as const

/** USDC on Base. */
export const usdc = "0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"

const asset = { asset: usdc, symbol: "USDC", decimals: 6 } as const
const payer = "0x1111111111111111111111111111111111111111"
const recipient = "0x2222222222222222222222222222222222222222"

export const chain = {
  chainId: 8453,
  name: "Base",
  explorer: "https://basescan.org",
  assets: [{ asset: "native", symbol: "ETH", decimals: 18 }, asset]
} as const

export const walletPayment = {
  id: ids.payment,
  purchaseId: ids.purchase,
  kind: "first",
  method: "web3",
  state: "confirming",
  amount: usd(499),
  createdAt: began,
  transfer: {
    chainId: 8453,
    transactionHash: `0x${"ab".repeat(32)}`,
    asset: usdc,
    amount: "4990000",
    payer,
    at: began
  },
  provisional: true
} as const

const quote = {
  chainId: 8453,
  asset,
  amount: "4990000",
  amountText: "4.99",
  payer,
  recipient,
  reference: `0x${"0".repeat(32)}${ids.payment.replaceAll("-", "")}`,
  price: usd(499),
  expiresAt: began,
  acceptedUntil: began,
  uri: `ethereum:${usdc}@8453/transfer?address=${recipient}&uint256=4990000`
} as const

const { provisional: _8, transfer: _9, ...unpaid } = walletPayment

/** A payment by wallet with its quote. */
export const quotedPayment = { ...unpaid, state: "quoted", quote } as const

const { activatedAt: _1, paidThrough: _2, periodStart: _3, ...ordered } = subscription
const { paidAt: _4, periodEnd: _5, periodStart: _6, receiptUrl: _7, ...quoted } = payment

/** An order that waits for its payment. */
export const order = {
  subscription: { ...ordered, state: "pending" },
  payment: { ...quoted, state: "quoted", checkoutUrl: "https://checkout.stripe.com/c/pay/cs_test_example" }
} as const

const access = { tier: "PRO", source: "subscription", accessUntil: "2026-02-08T10:00:00.000Z" } as const

const refundable = { purchaseId: ids.purchase, amount: usd(499), until: "2026-01-08T10:00:00.000Z" } as const

export const summary = { ...access, subscription, refundable } as const

export const cancelled = {
  ...access,
  accessUntil: paidThrough,
  subscription: { ...subscription, endsAt: paidThrough },
  refundable
} as const

const spender = "0x4444444444444444444444444444444444444444"

export const authorizedSummary = {
  ...summary,
  subscription: {
    ...subscription,
    method: "web3",
    renewal: { at: "2026-01-31T10:00:00.000Z", tier: "PRO", period: "monthly", price: usd(499) },
    authorization: { kind: "allowance", chainId: 8453, asset: usdc, payer, spender, since: began }
  }
} as const

const approveData = (amount: string) => `0x095ea7b3${spender.slice(2).padStart(64, "0")}${amount.padStart(64, "0")}`

/** The allowance for twelve months of PRO. */
export const instructions = {
  spender,
  amount: "59880000",
  transactions: [{ purpose: "approve", to: usdc, data: approveData("391b240") }],
  permit: {
    typedData: {
      domain: { name: "USD Coin", version: "2", chainId: 8453, verifyingContract: usdc },
      types: {
        Permit: [
          { name: "owner", type: "address" },
          { name: "spender", type: "address" },
          { name: "value", type: "uint256" },
          { name: "nonce", type: "uint256" },
          { name: "deadline", type: "uint256" }
        ]
      },
      primaryType: "Permit",
      message: { owner: payer, spender, value: "59880000", nonce: "0", deadline: "1767265200" }
    },
    deadline: 1_767_265_200
  },
  revocation: { purpose: "revoke", to: usdc, data: approveData("0") }
} as const

export const changing = {
  ...access,
  subscription: {
    ...subscription,
    change: {
      direction: "up",
      tier: "ENTERPRISE",
      period: "monthly",
      until: "2026-01-16T10:00:00.000Z",
      invoiceUrl: "https://invoice.stripe.com/i/acct_1/test"
    }
  }
} as const

export const refunding = {
  ...access,
  subscription: { ...subscription, refundRequestedAt: "2026-01-05T09:00:00.000Z" }
} as const

export const changePreview = {
  amountDue: usd(1250),
  credit: { used: usd(0), left: usd(0) },
  effective: "now",
  prorationDate: "2026-01-15T12:00:00.000Z"
} as const

const limits = {
  groupMembers: 500,
  uploadBytes: 1_073_741_824,
  callSeconds: "unlimited",
  storageBytes: 107_374_182_400,
  customStickers: 50
} as const

const features = ["call_recording", "nft_avatars", "advanced_search", "priority_support"] as const

const prices = { monthly: usd(499), yearly: usd(4999), nft: usd(19_900) } as const

export const plan = { tier: "PRO", prices, limits, features } as const

export const pricing = { tier: "PRO", prices } as const

export const usage = { feature: "customStickers", kind: "level", used: 12, limit: 50 } as const

export const entitlements = {
  tier: "PRO",
  source: "subscription",
  limits,
  features,
  usage: [usage],
  validUntil: access.accessUntil
} as const
