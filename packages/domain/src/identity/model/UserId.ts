/**
 * The identifier of a user: the only part of identity that other features know.
 */
import { Schema } from "effect"
import { UuidV7 } from "../../storable/UuidV7.ts"

/** A UUIDv7 (RFC 9562), in lower case. */
export const UserId = UuidV7.pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type
