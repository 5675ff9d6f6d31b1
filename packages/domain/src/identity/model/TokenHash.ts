/**
 * The stored form of a bearer secret.
 */
import { Schema } from "effect"

/** SHA-256 of a token's ASCII text, as 64 hexadecimal digits in lower case. */
export const TokenHash = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)).pipe(Schema.brand("TokenHash"))
export type TokenHash = typeof TokenHash.Type
