/**
 * A secret that is stored encrypted.
 */
import { Schema } from "effect"

export const Sealed = Schema.Struct({
  /** Names the secret by which it was sealed. */
  keyId: Schema.String,
  /** Nonce, ciphertext and tag in base64url (RFC 4648). */
  ciphertext: Schema.String
})
export type Sealed = typeof Sealed.Type
