/**
 * Port: the cryptography of Ethereum accounts.
 */
import { Context, type Effect } from "effect"
import type { SignatureInvalid } from "./IdentityErrors.ts"
import type { WalletAddress } from "./WalletAddress.ts"

export class WalletProof extends Context.Service<WalletProof, {
  /** The address in its EIP-55 spelling, which wallets expect inside a message. */
  checksummed(address: WalletAddress): string
  /**
   * The externally owned account whose `personal_sign` (EIP-191) of this message gives this signature: 65 bytes in
   * hexadecimal. Any other form of signature is refused, never a defect.
   */
  signerOf(message: string, signature: string): Effect.Effect<WalletAddress, SignatureInvalid>
}>()("@dchat/domain/identity/WalletProof") {}
