/**
 * The errors of a database that answers but does not fit this release, each with its remedy.
 */
import { Schema } from "effect"

/** Migrations are missing. */
export class SchemaOlder extends Schema.TaggedError<SchemaOlder>()("SchemaOlder", {}) {
  override get message() {
    return "the database is older than this version expects: run `dchat migrate`"
  }
}

/** A later release has migrated the database. */
export class SchemaNewer extends Schema.TaggedError<SchemaNewer>()("SchemaNewer", { migration: Schema.String }) {
  override get message() {
    return `a newer release has applied the migration ${this.migration}: ` +
      "start that release, or restore a backup from before that migration"
  }
}

/** A migration in between is missing, or another one has its number. */
export class SchemaIncomplete extends Schema.TaggedError<SchemaIncomplete>()("SchemaIncomplete", {
  migration: Schema.String
}) {
  override get message() {
    return `the database lacks the migration ${this.migration}, though it has later migrations: restore a backup`
  }
}

/** The schema was changed by hand after the migrations. */
export class SchemaAltered extends Schema.TaggedError<SchemaAltered>()("SchemaAltered", {
  relation: Schema.String,
  /** With its type; none where the whole table is missing. */
  column: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const what = this.column === undefined ? `table ${this.relation}` : `column ${this.relation}.${this.column}`
    return `the database was changed by hand (the ${what} is missing or has another type): undo that change`
  }
}

/** The database holds an object of the same name that dchat did not create. */
export class SchemaForeign extends Schema.TaggedError<SchemaForeign>()("SchemaForeign", { detail: Schema.String }) {
  override get message() {
    return `the database holds objects that dchat did not create (${this.detail}): use an empty database for dchat`
  }
}

/** The role lacks rights that a host needs. */
export class RightsMissing extends Schema.TaggedError<RightsMissing>()("RightsMissing", {
  role: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `the role ${this.role} lacks rights (${this.detail}): make it the owner of the database and its tables, ` +
      "or grant it CREATE on the schema and all rights on the tables"
  }
}

/** A migration failed. The transaction was rolled back. */
export class MigrationFailed extends Schema.TaggedError<MigrationFailed>()("MigrationFailed", {
  migration: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.migration} failed, and the database is as it was: ${this.detail}`
  }
}

export class SchemaUnusable extends Schema.TaggedError<SchemaUnusable>()("SchemaUnusable", {
  reason: Schema.Union([
    SchemaOlder,
    SchemaNewer,
    SchemaIncomplete,
    SchemaAltered,
    SchemaForeign,
    RightsMissing,
    MigrationFailed
  ])
}) {
  override get message() {
    return this.reason.message
  }
}
