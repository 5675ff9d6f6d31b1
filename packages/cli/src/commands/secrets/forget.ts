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
  { yes: Flag.Boolean("yes").pipe(Flag.withDescription("Do not ask"), Flag.withDefault(false)) },
  Effect.fn(function*({ yes }) {
    const repository = yield* SecretCheckRepository
    yield* Console.log(warning)
    if (!yes) {
      const { canPrompt } = yield* TerminalCapabilities.TerminalCapabilities
      if (!canPrompt) return yield* refuse("Nothing is forgotten: there is nobody to ask. Give --yes.")
      const agreed = yield* Prompt.Confirm({ message: "Forget which secrets the hosts had?", initial: false })
      if (!agreed) return yield* refuse("Nothing is forgotten.")
    }
    yield* repository.forget
    yield* Console.log("Forgotten. The next host that starts says which secrets the others have to share.")
  })
).pipe(Command.withDescription("Forget which secrets the hosts had, when all of them are lost"))
