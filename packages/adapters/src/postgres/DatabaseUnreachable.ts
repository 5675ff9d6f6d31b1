/**
 * The errors of a database that cannot be used by its URL. No error contains a password.
 */
import { Schema } from "effect"

const temporary = true
const lasting = false

/** The URL is not one of a PostgreSQL database. */
export class UrlInvalid extends Schema.TaggedError<UrlInvalid>()("UrlInvalid", { detail: Schema.String }) {
  readonly isRetryable = lasting
  override get message() {
    return `the URL is not usable: ${this.detail}`
  }
}

/** No PostgreSQL answers there, or not in time. */
export class NoAnswer extends Schema.TaggedError<NoAnswer>()("NoAnswer", { detail: Schema.String }) {
  readonly isRetryable = temporary
  override get message() {
    return `no answer: ${this.detail}`
  }
}

/** PostgreSQL answers and refuses: the role, its password, the database or the number of connections. */
export class ConnectionRefused extends Schema.TaggedError<ConnectionRefused>()("ConnectionRefused", {
  detail: Schema.String,
  isRetryable: Schema.Boolean
}) {
  override get message() {
    return `refused: ${this.detail}`
  }
}

/** The server is older than the oldest version that the SQL is written for. */
export class VersionTooOld extends Schema.TaggedError<VersionTooOld>()("VersionTooOld", {
  version: Schema.String,
  oldest: Schema.Int
}) {
  readonly isRetryable = lasting
  override get message() {
    return `the server runs PostgreSQL ${this.version}, and dchat needs ${this.oldest} or later`
  }
}

/** A proxy in between gives each statement another connection, so that transactions are impossible. */
export class PoolerUnsuitable extends Schema.TaggedError<PoolerUnsuitable>()("PoolerUnsuitable", {
  detail: Schema.String
}) {
  readonly isRetryable = lasting
  override get message() {
    return `a pooler in between refuses transactions (${this.detail}): set it to pool by transaction or by session`
  }
}

export class DatabaseUnreachable extends Schema.TaggedError<DatabaseUnreachable>()("DatabaseUnreachable", {
  host: Schema.String,
  port: Schema.Int,
  database: Schema.String,
  reason: Schema.Union([UrlInvalid, NoAnswer, ConnectionRefused, VersionTooOld, PoolerUnsuitable])
}) {
  override get message() {
    return `Database ${this.database} on ${this.host}:${this.port} is unreachable: ${this.reason.message}`
  }
}
