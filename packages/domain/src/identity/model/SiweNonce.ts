/**
 * A message that was handed out to be signed, and is accepted once.
 */
import { Duration, Schema } from "effect"
import { ProofPurpose } from "./OAuthFlow.ts"
import { SessionId } from "./Session.ts"
import { ChainId } from "./SiweMessage.ts"
import { UserId } from "./UserId.ts"
import { UuidV7 } from "./UuidV7.ts"
import { WalletAddress } from "./WalletAddress.ts"

export const SiweNonceId = UuidV7.pipe(Schema.brand("SiweNonceId"))
export type SiweNonceId = typeof SiweNonceId.Type

export const SiweNonce = Schema.Struct({
  id: SiweNonceId,
  purpose: ProofPurpose,
  /** The session that may use it, unless it is for signing in. */
  sessionId: Schema.optionalKey(SessionId),
  /** The person of that session. */
  userId: Schema.optionalKey(UserId),
  address: WalletAddress,
  chainId: ChainId,
  /** The complete text; what was signed must be these bytes. */
  message: Schema.String,
  issuedAt: Schema.DateTimeUtc,
  expiresAt: Schema.DateTimeUtc
})
export type SiweNonce = typeof SiweNonce.Type

/** How long a message may be signed and sent back. */
export const siweNonceLifetime = Duration.minutes(5)
