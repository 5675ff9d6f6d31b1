/**
 * Users with wallets, and the transactions that they send: mostly what was quoted, and every mistake that a payer can make.
 */
import { type ChainId, UserId, type WalletAddress } from "@dchat/domain/identity"
import { type Chain, type Depth, referenceOf } from "@dchat/domain/onchain"
import { isUnpaid, type Payment, PaymentId, type Quote } from "@dchat/domain/subscription"
import type { Dice } from "../../../../domain/test/call/support/Dice.ts"
import { addressOf, chainId, hashOf, type Leg, type Transaction } from "./SimulatedChain.ts"

export const uuid = (kind: string, n: number): string =>
  `00000000-0000-7000-8${kind.padStart(3, "0")}-${String(n).padStart(12, "0")}`

export interface Payer {
  readonly userId: UserId
  readonly wallet: WalletAddress
}

const payer = (n: number): Payer => ({ userId: UserId.make(uuid("a", n)), wallet: addressOf(n) })

export const payers = [payer(1), payer(2), payer(3)] as const

const strangers = [addressOf(101), addressOf(102)] as const

const usdc = { token: addressOf(1001), symbol: "USDC", decimals: 6 }
const other = { token: addressOf(1002), symbol: "USDT", decimals: 6 }
const recipient = addressOf(2001)
const router = addressOf(3001)

/** Depths that are small, so that reorganisations reach settled payments. No reorganisation is as deep as `finalAt`. */
export const simulatedChain = (dice: Dice, hasRouter: boolean): Chain => ({
  chainId,
  name: "Simulated",
  native: { symbol: "ETH", decimals: 18 },
  tokens: [usdc, other],
  recipient,
  ...(hasRouter && { router }),
  provisionalAt: { blocks: dice.pick([1, 2, 3] as const) },
  settledAt: dice.pick<Depth>([{ blocks: 6 }, { blocks: 12 }, { tag: "safe" }]) ?? { blocks: 6 },
  finalAt: dice.pick<Depth>([{ blocks: 70 }, { tag: "finalized" }]) ?? { blocks: 70 },
  maxRange: dice.pick([5, 10, 50] as const),
  memberships: []
})

export const wishFor = (dice: Dice, payer: WalletAddress) => ({
  chainId: chainId as ChainId,
  asset: dice.chance(25) ? "native" as const : usdc.token,
  payer
})

type Way =
  | "exactly"
  | "too much"
  | "too little"
  | "with another token"
  | "from another wallet"
  | "through the router"
  | "twice at once"
  | "in vain"

const ways: ReadonlyArray<readonly [number, Way]> = [
  [10, "exactly"],
  [3, "too much"],
  [2, "too little"],
  [1, "with another token"],
  [1, "from another wallet"],
  [3, "through the router"],
  [1, "twice at once"],
  [1, "in vain"]
]

/** Makes transactions with hashes of their own. */
export class Wallets {
  private sent = 0
  private readonly dice: Dice

  constructor(dice: Dice) {
    this.dice = dice
  }

  /** The transaction of a user for a quote, made in one of many ways. */
  pay({ amount, asset, payer, reference, router: through }: Quote): Transaction {
    const { dice } = this
    const way = dice.weighted(ways) ?? "exactly"
    const leg: Leg = {
      ...(asset.token && { token: asset.token }),
      payer,
      recipient,
      amount,
      // The value of a transaction has no log, and the event of the router has one.
      ...((asset.token !== undefined || through !== undefined) && { position: 0 })
    }
    const more = asset.token === undefined ? amount / 3n : BigInt(dice.below(5) + 1) * 1_230_000n
    switch (way) {
      case "exactly":
        return this.transaction([leg])
      case "too much":
        return this.transaction([{ ...leg, amount: amount + more }])
      case "too little":
        return this.transaction([{ ...leg, amount: amount - amount / 10n }])
      case "with another token":
        return this.transaction([{ ...leg, token: other.token, position: 0 }])
      case "from another wallet":
        return this.transaction([{ ...leg, payer: dice.pick(strangers) }])
      case "through the router":
        return this.transaction([{ ...leg, position: 1, reference }])
      case "twice at once":
        return this.transaction([{ ...leg, position: 0 }, { ...leg, position: 2 }])
      case "in vain":
        return this.transaction([])
    }
  }

  /** Somebody sends money for no quote. */
  stray(): Transaction {
    const { dice } = this
    const payer = dice.chance(50) ? dice.pick(strangers) : dice.pick(payers).wallet
    const reference = dice.chance(20) ? { reference: referenceOf(PaymentId.make(uuid("f", dice.below(100)))) } : {}
    const amount = BigInt(dice.below(30) + 1) * 1_000_000n
    return this.transaction([{ token: usdc.token, payer, recipient, amount, position: 0, ...reference }])
  }

  private transaction(legs: ReadonlyArray<Leg>): Transaction {
    return { hash: hashOf("c", ++this.sent), legs }
  }
}

/** The quotes that a user may still want to pay. */
export const openQuotes = (payments: ReadonlyArray<Payment>): ReadonlyArray<Quote> =>
  payments.filter(isUnpaid).flatMap(({ quotes = [] }) => quotes.slice(-1))
