/**
 * The errors that a client receives while the database is in trouble: one for each kind, with the time of the next try.
 */
import { Schema } from "effect"

/** Seconds after which the same request may be answered. */
const fields = { retryAfterSeconds: Schema.Int }

/** The database does not answer, or is starting or stopping. */
export class DatabaseUnavailable extends Schema.TaggedError<DatabaseUnavailable>()("DatabaseUnavailable", fields) {}

/** The database has no connection or no memory left for this request, or another transaction holds a lock it needs. */
export class DatabaseBusy extends Schema.TaggedError<DatabaseBusy>()("DatabaseBusy", fields) {}

/** The database took too long to answer. */
export class DatabaseTimeout extends Schema.TaggedError<DatabaseTimeout>()("DatabaseTimeout", fields) {}

/** The disk of the database is full. */
export class DatabaseFull extends Schema.TaggedError<DatabaseFull>()("DatabaseFull", fields) {}

/** The database accepts no changes, as a standby. */
export class DatabaseReadOnly extends Schema.TaggedError<DatabaseReadOnly>()("DatabaseReadOnly", fields) {}

/** Other transactions changed the same rows at the same time. */
export class DatabaseContended extends Schema.TaggedError<DatabaseContended>()("DatabaseContended", fields) {}
