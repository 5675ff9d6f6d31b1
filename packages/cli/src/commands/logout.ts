/**
 * `dchat logout`: ends the session of this machine, and forgets its token.
 */
import { makeClient } from "@dchat/http/client"
import { Console, Effect, Option } from "effect"
import { Command } from "effect/cli"
import { answered } from "../login/HostAnswer.ts"
import { SavedLogin } from "../login/SavedLogin.ts"
import { refuse } from "../Refusal.ts"

export const logout = Command.make(
  "logout",
  {},
  Effect.fn(function*() {
    const saved = yield* SavedLogin
    const login = yield* saved.read
    if (Option.isNone(login)) return yield* Console.log("You are not signed in.")
    const { token, url } = login.value
    const client = yield* makeClient({ baseUrl: url, token })
    const failure = yield* client.auth.logout().pipe(
      answered(url, "Unauthenticated"),
      Effect.catchTag("Unauthenticated", () => Effect.void),
      Effect.flip,
      Effect.option
    )
    yield* saved.remove
    if (Option.isSome(failure)) {
      return yield* refuse(
        `The token is deleted on this machine, but ${failure.value.message}. The session at the host lasts for up to 7 days.`
      )
    }
    yield* Console.log(`Signed out at ${url}.`)
  })
).pipe(Command.withDescription("Sign out and delete the token"))
