/**
 * `dchat users disable`: lets somebody in no more.
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
    yield* Console.log(`${displayName} is disabled, and every session of theirs has ended.`)
    yield* Console.log(
      "A running host refuses their requests at once, and closes their connections within two seconds."
    )
  }, (effect, { id }) => Effect.catchTag(effect, "UserNotFound", () => refuse(`There is no active user ${id}.`)))
).pipe(Command.withDescription("End every session of a user, and let them sign in no more"))
