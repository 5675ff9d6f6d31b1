/**
 * `dchat secrets forget`: lets hosts start with secrets that are new altogether.
 */
import { SecretCheckRepository } from "@dchat/domain/identity"
import { Console, Effect } from "effect"
import { Command, Flag, Prompt, TerminalCapabilities } from "effect/cli"
import { refuse } from "../../Refusal.ts"

const warning = `This is for when every former secret is lost. Then nothing can bring back what was made by them:

  - LinkedIn's access tokens that are kept here: these people have to come by LinkedIn again before their
    profile can be read again
  - sign-ins by LinkedIn that are under way end
  - access tokens that were made for other services are not accepted any more

Sessions and wallets stay. Stop the hosts that still have a former secret first.`

export const forget = Command.make(
  "forget",
  { yes: Flag.Boolean("yes").pipe(Flag.withDescription("Do not ask for confirmation"), Flag.withDefault(false)) },
  Effect.fn(function*({ yes }) {
    const repository = yield* SecretCheckRepository
    yield* Console.log(warning)
    if (!yes) {
      const { canPrompt } = yield* TerminalCapabilities.TerminalCapabilities
      if (!canPrompt) return yield* refuse("Nothing was deleted: this terminal cannot ask for confirmation. Use --yes.")
      const agreed = yield* Prompt.Confirm({
        message: "Delete the record of the secrets that the hosts share?",
        initial: false
      })
      if (!agreed) return yield* refuse("Nothing was deleted.")
    }
    yield* repository.forget
    yield* Console.log("Deleted. The next host that starts sets the secrets that the other hosts have to share.")
  })
).pipe(
  Command.withDescription("Delete the record of the secrets that the hosts share, for when all former secrets are lost")
)
