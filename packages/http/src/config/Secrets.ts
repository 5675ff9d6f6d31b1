/**
 * The secrets of this host: the configured secrets, or in development a secret that the host makes once and stores with
 * its data.
 */
import type { MasterSecrets } from "@dchat/domain/identity"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { Array, Config, Effect, FileSystem, Option, type PlatformError, Redacted, Schema } from "effect"
import { randomBytes, randomUUID } from "node:crypto"
import { join, resolve } from "node:path"
import { faultOf } from "./SecretFault.ts"

const variable = "DCHAT_SECRETS"
const advice = "make a secret with `openssl rand -base64 48`"

/** The value of `DCHAT_SECRETS`: comma-separated, the newest first. `masterSecrets` checks the secrets. */
export const secretsConfig = Config.Redacted(variable).pipe(Config.option)

/** In production only the operators create secrets. */
export class SecretsMissing extends Schema.TaggedError<SecretsMissing>()("SecretsMissing", {}) {
  override get message() {
    return `DCHAT_ENV is production, so ${variable} has to be set: ${advice}`
  }
}

/** A secret can be guessed or is listed twice. The error never contains the secret. */
export class SecretUnfit extends Schema.TaggedError<SecretUnfit>()("SecretUnfit", {
  /** The variable or the file. */
  source: Schema.String,
  /** Counted from 1. */
  position: Schema.Int,
  detail: Schema.String
}) {
  override get message() {
    return `secret ${this.position} of ${this.source} ${this.detail}: ${advice}`
  }
}

/** The file that holds the secrets in development cannot be read or written, or holds none. */
export class SecretsFileUnusable extends Schema.TaggedError<SecretsFileUnusable>()("SecretsFileUnusable", {
  path: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `the secrets in ${this.path} cannot be used (${this.detail}): set ${variable}, or remove the file`
  }
}

export class SecretsUnusable extends Schema.TaggedError<SecretsUnusable>()("SecretsUnusable", {
  reason: Schema.Union([SecretsMissing, SecretUnfit, SecretsFileUnusable])
}) {
  override get message() {
    return this.reason.message
  }
}

type Secrets = MasterSecrets["Service"]["secrets"]

/** The secrets of a list, with commas or line breaks between them; none if the list is empty. */
const parse = Effect.fnUntraced(function*(list: Redacted.Redacted<string>, source: string) {
  const texts = Redacted.value(list).split(/[,\n]/).map((text) => text.trim()).filter((text) => text !== "")
  for (const [index, text] of texts.entries()) {
    const detail = texts.indexOf(text) < index ? "is listed twice" : faultOf(text)
    if (detail !== undefined) {
      return yield* new SecretsUnusable({ reason: new SecretUnfit({ source, position: index + 1, detail }) })
    }
  }
  const secrets = texts.map((text) => Redacted.make(text))
  return Array.isReadonlyArrayNonEmpty(secrets) ? Option.some<Secrets>(secrets) : Option.none()
})

/** Passing through a folder is all that PostgreSQL's user needs: the embedded database makes it likewise. */
const makeFolder = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  if (yield* fs.exists(directory)) return
  yield* fs.makeDirectory(directory, { recursive: true })
  yield* fs.chmod(directory, 0o711)
})

/**
 * Puts a new secret at `path`, unless there is a file. It is complete from the moment it is there, so that of any
 * number of processes at once all read the same.
 */
const makeFile = Effect.fnUntraced(function*(path: string) {
  const fs = yield* FileSystem.FileSystem
  const draft = `${path}.${randomUUID()}`
  yield* fs.writeFileString(draft, `${randomBytes(48).toString("base64url")}\n`, { flag: "wx", mode: 0o600 }).pipe(
    Effect.andThen(fs.link(draft, path)),
    Effect.catchReason("PlatformError", "AlreadyExists", () => Effect.void),
    Effect.ensuring(Effect.ignore(fs.remove(draft, { force: true })))
  )
})

const unusable = (path: string, detail: string) =>
  new SecretsUnusable({ reason: new SecretsFileUnusable({ path, detail }) })

const detailOf = ({ reason }: PlatformError.PlatformError) => reason.description ?? reason._tag

/** The host's own secret, made when there is none yet. */
const ownSecrets = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(resolve(directory), "secrets")
  const list = yield* Effect.gen(function*() {
    if (!(yield* fs.exists(path))) {
      yield* makeFolder(resolve(directory))
      yield* makeFile(path)
    }
    return Redacted.make(yield* fs.readFileString(path))
  }).pipe(Effect.mapError((error) => unusable(path, detailOf(error))))
  const secrets = yield* parse(list, path)
  if (Option.isNone(secrets)) return yield* unusable(path, "the file holds no secret")
  return secrets.value
})

/**
 * The secrets in `secrets`, each at least 32 characters long, no two alike and none easy to guess. Without
 * any, in development, the one in the file `secrets` of the data directory, made when it is not there.
 */
export const masterSecrets = Effect.fn("masterSecrets")(
  function*(options: {
    readonly environment: "development" | "production"
    /** The value of `DCHAT_SECRETS`. */
    readonly secrets: Option.Option<Redacted.Redacted<string>>
    /** The data directory. */
    readonly directory: string
  }): Effect.fn.Return<MasterSecrets["Service"], SecretsUnusable, FileSystem.FileSystem> {
    const given = Option.isSome(options.secrets) ? yield* parse(options.secrets.value, variable) : Option.none()
    if (Option.isSome(given)) return { secrets: given.value }
    if (options.environment === "production") return yield* new SecretsUnusable({ reason: new SecretsMissing() })
    return { secrets: yield* ownSecrets(options.directory) }
  },
  Effect.provide(NodeFileSystem.layer)
)
