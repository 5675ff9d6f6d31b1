/**
 * Chains, transfers and quotes for the contracts of the ports of payments on chains. Each one is different.
 */
import { DateTime, Effect } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import { ChainId } from "../../identity/index.ts"
import { ChainLedger, type Observation, type PageCommit, type Verdict } from "../../onchain/index.ts"
import {
  type Asset,
  Bytes32,
  ExternalId,
  type Quote,
  type Transfer,
  type TransferStage
} from "../../subscription/index.ts"
import { noon, someAddress } from "./identityFixtures.ts"

export const someHash32 = () => Bytes32.make(`0x${Hex.encode(SecureRandom.randomBytesUnsafe(32))}`)

export const someChain = () =>
  ChainId.make(1 + SecureRandom.randomBytesUnsafe(6).reduce((sum, byte) => sum * 256 + byte, 0))

export const blockOf = (number: number) => ({ number, hash: someHash32() })

export const someTransfer = (chainId: ChainId, fields: Partial<Transfer> = {}): Transfer => ({
  externalId: ExternalId.make(`${chainId}:${someHash32()}:0`),
  chainId,
  token: someAddress(),
  payer: someAddress(),
  recipient: someAddress(),
  amount: 2n ** 256n - 1n,
  reference: someHash32(),
  paidAt: noon,
  ...fields
})

export const unmatched: Verdict = { _tag: "Unmatched", reason: "unknown_sender" }

export const observed = (
  transfer: Transfer,
  number: number,
  stage: TransferStage
): Observation => ({
  moved: { _tag: "TransferMoved", block: blockOf(number), logIndex: 3, transactionHash: someHash32(), transfer },
  stage
})

export const pageOf = (transfers: ReadonlyArray<Observation>, fields: Partial<PageCommit> = {}): PageCommit => ({
  track: "settled",
  state: { anchors: [blockOf(100)] },
  transfers,
  tokens: [],
  ignored: 0,
  at: noon,
  ...fields
})

/** The right to read a new chain. */
export const leased = Effect.gen(function*() {
  const { lease } = yield* ChainLedger
  return (yield* lease(someChain(), "a host", 60)) ?? (yield* Effect.die("another host reads a new chain"))
})

/** Records a verdict about a transfer as it is stored now. */
export const judged = Effect.fnUntraced(function*(externalId: ExternalId, verdict: Verdict) {
  const { judge, transfer } = yield* ChainLedger
  const { revision } = (yield* transfer(externalId)) ?? (yield* Effect.die("the transfer is not stored"))
  return yield* judge(externalId, revision, verdict)
})

/** Stores transfers on a chain. */
export const stored = Effect.fnUntraced(function*(
  transfers: ReadonlyArray<Observation>,
  fields: Partial<PageCommit> = {}
) {
  const { commit } = yield* ChainLedger
  const lease = yield* leased
  yield* commit(lease, pageOf(transfers, fields))
  return lease
})

const usdc: Asset = { token: someAddress(), symbol: "USDC", decimals: 6 }
const ether: Asset = { symbol: "ETH", decimals: 18 }

export const quoteOf = (
  { minutes = 0, native = false, ...fields }:
    & Partial<Quote>
    & Pick<Quote, "chainId" | "payer">
    & { readonly minutes?: number; readonly native?: boolean }
): Quote => {
  const quotedAt = DateTime.add(noon, { minutes })
  const acceptedUntil = DateTime.add(quotedAt, { minutes: 60 })
  return {
    asset: native ? ether : usdc,
    amount: 15_000_000n,
    recipient: someAddress(),
    reference: someHash32(),
    price: { currency: "USD", minorUnits: 1500n },
    quotedAt,
    expiresAt: acceptedUntil,
    acceptedUntil,
    ...fields
  }
}
