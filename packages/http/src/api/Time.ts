/**
 * Times on the wire: RFC 3339, in UTC.
 */
import { StorableTime } from "@dchat/domain/storable"
import { Schema } from "effect"

/** A time of an answer. */
export const Time = Schema.DateTimeUtcFromString.pipe(Schema.annotateEncoded({ format: "date-time" }))

/** A time that a client sends. */
export const RequestTime = StorableTime.pipe(Schema.annotateEncoded({ format: "date-time" }))
