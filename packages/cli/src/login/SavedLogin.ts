/**
 * Stores the session of this machine, and the host of the session.
 */
import { Context, Effect, FileSystem, Layer, Option, Path, type PlatformError, Schema } from "effect"
import { UserDirectories } from "effect/persistence"
import { randomUUID } from "node:crypto"
import { HostUrl } from "./HostUrl.ts"
import { LoginFileUnusable } from "./LoginErrors.ts"

export const Login = Schema.Struct({
  /** The origin of the host, which alone receives the token. */
  url: HostUrl,
  token: Schema.RedactedFromValue(Schema.NonEmptyString)
})
export type Login = typeof Login.Type

const LoginJson = Schema.fromJsonString(Login)

export class SavedLogin extends Context.Service<SavedLogin, {
  readonly read: Effect.Effect<Option.Option<Login>, LoginFileUnusable>
  write(login: Login): Effect.Effect<void, LoginFileUnusable>
  readonly remove: Effect.Effect<void, LoginFileUnusable>
}>()("@dchat/cli/login/SavedLogin") {
  /** In `login.json` of the user's configuration folder, which only the user may read. */
  static readonly layer = Layer.effect(
    SavedLogin,
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const paths = yield* Path.Path
      const directories = yield* UserDirectories.UserDirectories
      const folder = yield* Effect.mapError(
        directories.config("dchat"),
        (error) => new LoginFileUnusable({ path: "the configuration folder", detail: detailOf(error) })
      )
      const path = paths.join(folder, "login.json")

      const guarded = <A, R>(effect: Effect.Effect<A, PlatformError.PlatformError, R>) =>
        Effect.mapError(effect, (error) => new LoginFileUnusable({ path, detail: detailOf(error) }))

      const read = Effect.fn("SavedLogin.read")(function*() {
        if (!(yield* guarded(fs.exists(path)))) return Option.none()
        // The error does not say which part of the text is malformed, because that would quote the text.
        return yield* Schema.decodeEffect(LoginJson)(yield* guarded(fs.readFileString(path))).pipe(
          Effect.asSome,
          Effect.mapError(() => new LoginFileUnusable({ path, detail: "remove it, or run `dchat login` again" }))
        )
      })

      const write = Effect.fn("SavedLogin.write")(function*(login: Login) {
        const text = yield* Effect.orDie(Schema.encodeEffect(LoginJson)(login))
        yield* guarded(Effect.gen(function*() {
          yield* fs.makeDirectory(folder, { recursive: true, mode: 0o700 })
          yield* fs.chmod(folder, 0o700)
          const draft = `${path}.${randomUUID()}`
          yield* fs.writeFileString(draft, `${text}\n`, { flag: "wx", mode: 0o600 }).pipe(
            Effect.andThen(fs.rename(draft, path)),
            Effect.onError(() => Effect.ignore(fs.remove(draft, { force: true })))
          )
        }))
      })

      return SavedLogin.of({
        read: read(),
        write,
        remove: Effect.withSpan(guarded(fs.remove(path, { force: true })), "SavedLogin.remove")
      })
    })
  )
}

const detailOf = ({ reason }: PlatformError.PlatformError) => reason.description ?? reason._tag
