/**
 * Port: the cryptography of Ethereum accounts.
 */
import { Context, type Effect, Schema } from "effect"
import type { ChainId } from "../model/ChainId.ts"
import type { SignatureInvalid } from "../model/IdentityErrors.ts"
import type { WalletKind } from "../model/Wallet.ts"
import type { WalletAddress } from "../model/WalletAddress.ts"

/** The chain of a contract wallet is unavailable, so the validity of the signature is unknown. */
export class ChainUnavailable extends Schema.TaggedError<ChainUnavailable>()("ChainUnavailable", {}) {
  override get message() {
    return "the chain of this wallet cannot be reached"
  }
}

export class WalletProof extends Context.Service<WalletProof, {
  /** The address in its EIP-55 spelling, which wallets expect inside a message. */
  checksummed(address: WalletAddress): string
  /**
   * The kind of the account at this address that signed this message. First checks an externally owned account:
   * `personal_sign` (EIP-191), 65 bytes in hexadecimal. If that recovers another address, checks a contract wallet
   * (EIP-1271, or EIP-6492 while it is not deployed) on this chain, if the installation can reach the chain. An unknown
   * form of signature is refused, never a defect.
   */
  verify(proof: {
    readonly address: WalletAddress
    readonly chainId: ChainId
    readonly message: string
    readonly signature: string
  }): Effect.Effect<WalletKind, SignatureInvalid | ChainUnavailable>
}>()("@dchat/domain/identity/WalletProof") {}
