/**
 * The form of identifiers: a UUIDv7 (RFC 9562), in lower case, so that equal ids are equal strings.
 */
import { Schema } from "effect"

const uuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u

export const isUuidV7 = (text: string): boolean => uuidV7.test(text)

export const UuidV7 = Schema.String.check(Schema.isPattern(uuidV7))
