/**
 * `dchat users disable`: ends all sessions of a user and refuses new sign-ins.
 */
import { IdentityAdministration, UserId } from "@dchat/domain/identity"
import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { administratorFlags } from "../../AdministratorFlags.ts"
import { refuse } from "../../Refusal.ts"

export const disable = Command.make(
  "disable",
  {
    id: Argument.String("id").pipe(Argument.withDescription("Id of the user"), Argument.withSchema(UserId)),
    ...administratorFlags
  },
  Effect.fn(function*({ actor, id, reason }) {
    const administration = yield* IdentityAdministration
    const { displayName } = yield* administration.disable(id, { actor, reason })
    yield* Console.log(`${displayName} is disabled, and all sessions of the user have ended.`)
    yield* Console.log(
      "Running hosts refuse new requests of the user now, and close the connections of the user within 2 seconds."
    )
  }, (effect, { id }) => Effect.catchTag(effect, "UserNotFound", () => refuse(`No such active user: ${id}.`)))
).pipe(Command.withDescription("End all sessions of a user and refuse new sign-ins"))
