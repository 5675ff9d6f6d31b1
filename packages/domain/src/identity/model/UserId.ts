/**
 * The identifier of a person, the only thing that other features know of identity.
 */
import { Schema } from "effect"
import { UuidV7 } from "./UuidV7.ts"

/** A UUIDv7 (RFC 9562), in lower case. */
export const UserId = UuidV7.pipe(Schema.brand("UserId"))
export type UserId = typeof UserId.Type
