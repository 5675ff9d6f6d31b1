/**
 * The identifier of a person, the only thing that other features know of identity.
 */
import { Schema } from "effect"

/** A UUIDv7 (RFC 9562), in lower case. */
export const UserId = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
).pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type
