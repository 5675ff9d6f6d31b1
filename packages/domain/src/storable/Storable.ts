/**
 * The values that clients may send and every store can keep. Texts in PostgreSQL have no U+0000, UTF-8 has no unpaired
 * surrogate, and RFC 3339 has no year beyond 9999.
 */
import { DateTime, Schema } from "effect"

/** Whether a text has neither U+0000 nor an unpaired surrogate. */
export const isStorableText = (text: string): boolean => text.isWellFormed() && !text.includes("\0")

export const StorableText = Schema.String.check(
  Schema.makeFilter(isStorableText, { expected: "a text without U+0000 and unpaired surrogates" })
)

const first = DateTime.makeUnsafe("0001-01-01T00:00:00Z")
const last = DateTime.makeUnsafe("9999-12-31T23:59:59.999Z")

/** A point in time in the format of clients (ISO 8601), in the years 1 to 9999. */
export const StorableTime = Schema.DateTimeUtcFromString.check(
  Schema.makeFilter((time: DateTime.Utc) => DateTime.between(time, { minimum: first, maximum: last }), {
    expected: "a time of the years 1 to 9999"
  })
)
