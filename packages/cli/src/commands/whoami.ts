/**
 * `dchat whoami`: shows the user who is signed in on this machine.
 */
import { makeClient } from "@dchat/http/client"
import { Console, DateTime, Effect, Option } from "effect"
import { Command } from "effect/cli"
import { answered } from "../login/HostAnswer.ts"
import { LoginEnded, NotSignedIn } from "../login/LoginErrors.ts"
import { SavedLogin } from "../login/SavedLogin.ts"
import { printable } from "../Printable.ts"

export const whoami = Command.make(
  "whoami",
  {},
  Effect.fn(function*() {
    const { read } = yield* SavedLogin
    const login = yield* read
    if (Option.isNone(login)) return yield* new NotSignedIn()
    const { token, url } = login.value
    const client = yield* makeClient({ baseUrl: url, token })
    const { session, user } = yield* client.auth.me().pipe(
      answered(url, "Unauthenticated"),
      Effect.catchTag("Unauthenticated", () => Effect.fail(new LoginEnded({ url })))
    )
    yield* Console.log(`${printable(user.displayName)} (${user.id}) at ${url}`)
    yield* Console.log(`The session ends at ${DateTime.formatIso(session.expiresAt)}, or after 7 days without use.`)
  })
).pipe(Command.withDescription("Show the signed-in user"))
