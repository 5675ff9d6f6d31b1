/**
 * The errors of the embedded database when it starts.
 */
import { Schema } from "effect"

const inLines = (output: ReadonlyArray<string>) => output.length === 0 ? "" : `:\n${output.join("\n")}`

/** There is no embedded PostgreSQL for this machine, or its package is not installed. */
export class UnsupportedPlatform extends Schema.TaggedError<UnsupportedPlatform>()("UnsupportedPlatform", {
  platform: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `no embedded PostgreSQL for ${this.platform} (${this.detail}); set DATABASE_URL to use another PostgreSQL`
  }
}

/** PostgreSQL refuses to run as root, and the machine has no other account to run it as. */
export class NoUnprivilegedUser extends Schema.TaggedError<NoUnprivilegedUser>()("NoUnprivilegedUser", {
  tried: Schema.Array(Schema.String)
}) {
  override get message() {
    return `PostgreSQL does not run as root, and none of these users exists: ${this.tried.join(", ")}`
  }
}

/** The directory cannot be used by the user that PostgreSQL runs as. */
export class DirectoryNotAccessible extends Schema.TaggedError<DirectoryNotAccessible>()("DirectoryNotAccessible", {
  directory: Schema.String,
  user: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `user ${this.user} cannot use ${this.directory}: ${this.detail}`
  }
}

/** Another living process runs the database of this directory. */
export class DirectoryInUse extends Schema.TaggedError<DirectoryInUse>()("DirectoryInUse", {
  directory: Schema.String,
  pid: Schema.Int
}) {
  override get message() {
    return `${this.directory} is in use by process ${this.pid}; stop it, or choose another data directory`
  }
}

/** A new cluster could not be made; `output` is what initdb said. */
export class InitFailed extends Schema.TaggedError<InitFailed>()("InitFailed", {
  directory: Schema.String,
  output: Schema.Array(Schema.String)
}) {
  override get message() {
    return `the PostgreSQL cluster could not be created in ${this.directory}${inLines(this.output)}`
  }
}

/** The server did not come up, or a left-over one did not stop; `output` is what PostgreSQL said. */
export class StartFailed extends Schema.TaggedError<StartFailed>()("StartFailed", {
  directory: Schema.String,
  output: Schema.Array(Schema.String)
}) {
  override get message() {
    return `PostgreSQL did not start in ${this.directory}${inLines(this.output)}`
  }
}

export class EmbeddedPostgresError extends Schema.TaggedError<EmbeddedPostgresError>()("EmbeddedPostgresError", {
  reason: Schema.Union([
    UnsupportedPlatform,
    NoUnprivilegedUser,
    DirectoryNotAccessible,
    DirectoryInUse,
    InitFailed,
    StartFailed
  ])
}) {
  override get message() {
    return `Embedded PostgreSQL: ${this.reason.message}`
  }
}
