/**
 * A message that was issued for signing, and is accepted once.
 */
import { Duration, Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"
import { ChainId } from "./ChainId.ts"
import { ProofPurpose } from "./OAuthFlow.ts"
import { SessionId } from "./Session.ts"
import type { SingleUseKind } from "./SingleUseKind.ts"
import { UserId } from "./UserId.ts"
import { WalletAddress } from "./WalletAddress.ts"

export const SiweNonceId = UuidV7.pipe(Schema.brand("SiweNonceId"))
export type SiweNonceId = typeof SiweNonceId.Type

export const SiweNonce = Schema.Struct({
  id: SiweNonceId,
  purpose: ProofPurpose,
  /** The only session that may use the message; missing for a sign-in. */
  sessionId: Schema.optionalKey(SessionId),
  /** The user of that session. */
  userId: Schema.optionalKey(UserId),
  address: WalletAddress,
  chainId: ChainId,
  /** The complete text. The signed bytes must equal this text. */
  message: Schema.String,
  issuedAt: Schema.DateTimeUtc,
  expiresAt: Schema.DateTimeUtc
})
export type SiweNonce = typeof SiweNonce.Type

export const siweNonces: SingleUseKind<SiweNonce, SiweNonceId> = {
  name: "siwe_nonce",
  record: SiweNonce,
  keyOf: ({ id }) => id,
  usersOf: ({ userId }) => userId === undefined ? [] : [userId]
}

/** Time within which a message may be signed and returned. */
export const siweNonceLifetime = Duration.minutes(5)
