/**
 * Distinguishes failures of the database from faults of the server, for all requests, frames and log lines.
 */
import { Cause, Predicate } from "effect"
import { SqlError } from "effect/sql"
import {
  DatabaseBusy,
  DatabaseContended,
  DatabaseFull,
  DatabaseReadOnly,
  DatabaseTimeout,
  DatabaseUnavailable
} from "../api/DatabaseErrors.ts"

export type DatabaseError =
  | DatabaseBusy
  | DatabaseContended
  | DatabaseFull
  | DatabaseReadOnly
  | DatabaseTimeout
  | DatabaseUnavailable

export interface DatabaseTrouble {
  readonly error: DatabaseError
  /** The message of the database or of the system. */
  readonly detail: string
}

const away = () => new DatabaseUnavailable({ retryAfterSeconds: 2 })
const busy = () => new DatabaseBusy({ retryAfterSeconds: 1 })
const full = () => new DatabaseFull({ retryAfterSeconds: 30 })
const readOnly = () => new DatabaseReadOnly({ retryAfterSeconds: 5 })

/** By SQLSTATE, see PostgreSQL's appendix A, or the code of an error of the system. */
const byCode: ReadonlyMap<string, () => DatabaseError> = new Map<string, () => DatabaseError>([
  // disk_full, io_error, and the system's own
  ["53100", full],
  ["58030", full],
  ["ENOSPC", full],
  // read_only_sql_transaction
  ["25006", readOnly],
  // insufficient_resources, out_of_memory, too_many_connections, lock_not_available
  ["53000", busy],
  ["53200", busy],
  ["53300", busy],
  ["55P03", busy],
  // idle_in_transaction_session_timeout, admin_shutdown, crash_shutdown, cannot_connect_now, database_dropped
  ["25P03", away],
  ["57P01", away],
  ["57P02", away],
  ["57P03", away],
  ["57P04", away],
  // invalid_catalog_name: only a connection meets it
  ["3D000", away]
])

/** By the reason of the SQL error, where its code says nothing. */
const byReason: Partial<Record<SqlError.SqlErrorReason["_tag"], () => DatabaseError>> = {
  ConnectionError: away,
  AuthenticationError: away,
  LockTimeoutError: busy,
  StatementTimeoutError: () => new DatabaseTimeout({ retryAfterSeconds: 1 }),
  DeadlockError: () => new DatabaseContended({ retryAfterSeconds: 1 }),
  SerializationError: () => new DatabaseContended({ retryAfterSeconds: 1 })
}

const codeOf = (error: unknown) => Predicate.hasProperty(error, "code") ? String(error.code) : ""

const messageOf = (error: unknown) => Predicate.hasProperty(error, "message") ? String(error.message) : ""

/** Errors are wrapped in each other a few times at most. */
const depth = 5

/** The trouble that an error comes from, if it comes from one. */
export const troubleIn = (error: unknown): DatabaseTrouble | undefined => {
  let inner = error
  for (let level = 0; level < depth && Predicate.isObject(inner); level++) {
    if (SqlError.isSqlError(inner)) {
      const { reason } = inner
      const made = (byCode.get(codeOf(reason.cause)) ?? byReason[reason._tag])?.()
      return made && { error: made, detail: messageOf(reason.cause) || reason.message || reason._tag }
    }
    inner = (inner as { readonly cause?: unknown }).cause
  }
  return undefined
}

/** The same of a cause. A fault beside the trouble is no trouble: it has to be seen. */
export const troubleOf = (cause: Cause.Cause<unknown>): DatabaseTrouble | undefined => {
  const errors = cause.reasons.flatMap((reason) =>
    Cause.isFailReason(reason) ? [reason.error] : Cause.isDieReason(reason) ? [reason.defect] : []
  )
  const troubles = errors.map(troubleIn)
  return troubles.every(Predicate.isNotUndefined) ? troubles[0] : undefined
}
