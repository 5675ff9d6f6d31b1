/**
 * What a client is told while the database is in trouble: one word for each kind, and when to try again.
 */
import { Schema } from "effect"

/** Seconds after which the same request may be answered. */
const fields = { retryAfterSeconds: Schema.Int }

/** It does not answer, or is starting or stopping. */
export class DatabaseUnavailable extends Schema.TaggedError<DatabaseUnavailable>()("DatabaseUnavailable", fields) {}

/** It has no connection left for this request, or no memory, or somebody else holds what the request needs. */
export class DatabaseBusy extends Schema.TaggedError<DatabaseBusy>()("DatabaseBusy", fields) {}

/** It took too long. */
export class DatabaseTimeout extends Schema.TaggedError<DatabaseTimeout>()("DatabaseTimeout", fields) {}

/** Its disk is full. */
export class DatabaseFull extends Schema.TaggedError<DatabaseFull>()("DatabaseFull", fields) {}

/** It takes no changes, as a standby does. */
export class DatabaseReadOnly extends Schema.TaggedError<DatabaseReadOnly>()("DatabaseReadOnly", fields) {}

/** Others changed the same at the same time. */
export class DatabaseContended extends Schema.TaggedError<DatabaseContended>()("DatabaseContended", fields) {}
