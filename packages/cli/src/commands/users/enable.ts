/**
 * `dchat users enable`: lets a disabled user sign in again.
 */
import { IdentityAdministration, UserId } from "@dchat/domain/identity"
import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { administratorFlags } from "../../AdministratorFlags.ts"
import { refuse } from "../../Refusal.ts"

export const enable = Command.make(
  "enable",
  {
    id: Argument.String("id").pipe(Argument.withDescription("Id of the user"), Argument.withSchema(UserId)),
    ...administratorFlags
  },
  Effect.fn(function*({ actor, id, reason }) {
    const administration = yield* IdentityAdministration
    const { displayName } = yield* administration.enable(id, { actor, reason })
    yield* Console.log(`${displayName} can sign in again. Ended sessions stay ended.`)
  }, (effect, { id }) => Effect.catchTag(effect, "UserNotFound", () => refuse(`No such user to enable: ${id}.`)))
).pipe(Command.withDescription("Allow a disabled user to sign in again"))
