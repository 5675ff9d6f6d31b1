/**
 * A secret that is stored encrypted.
 */
import { Schema } from "effect"

export const Sealed = Schema.Struct({
  /** The id of the secret that sealed the text. */
  keyId: Schema.String,
  /** Nonce, ciphertext and tag in base64url (RFC 4648). */
  ciphertext: Schema.String
})
export type Sealed = typeof Sealed.Type
