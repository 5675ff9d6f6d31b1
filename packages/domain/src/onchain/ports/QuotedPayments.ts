/**
 * Port: finds the payments that were quoted on a chain.
 */
import { Context, type DateTime, type Effect } from "effect"
import type { ChainId } from "../../identity/model/ChainId.ts"
import type { UserId } from "../../identity/model/UserId.ts"
import type { WalletAddress } from "../../identity/model/WalletAddress.ts"
import type { PaymentId } from "../../subscription/index.ts"

export interface QuotedPayment {
  readonly userId: UserId
  readonly paymentId: PaymentId
}

/** Which payments a chain is read for. */
export interface ChainInterest {
  /** A quote of an unpaid payment can be paid, or a transfer on this chain is confirming. */
  readonly isAwaited: boolean
  /** A quote in the native currency can be paid, or such a transfer is confirming. */
  readonly isNativeAwaited: boolean
}

export class QuotedPayments extends Context.Service<QuotedPayments, {
  /** The payments that were quoted to a wallet: unpaid ones first, then the newest quote first. At most `limit`. */
  ofPayer(chainId: ChainId, payer: WalletAddress, limit: number): Effect.Effect<ReadonlyArray<QuotedPayment>>
  /** The user whose payment this is, if the payment was quoted on a chain. */
  ownerOf(paymentId: PaymentId): Effect.Effect<UserId | undefined>
  /** By the quotes that can be paid at `now`. Every host asks once a second for each chain. */
  interest(chainId: ChainId, now: DateTime.Utc): Effect.Effect<ChainInterest>
}>()("@dchat/domain/onchain/QuotedPayments") {}
