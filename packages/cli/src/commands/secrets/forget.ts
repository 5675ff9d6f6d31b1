/**
 * `dchat secrets forget`: lets hosts start with new secrets only.
 */
import { SecretCheckRepository } from "@dchat/domain/identity"
import { Console, Effect } from "effect"
import { Command, Flag, Prompt, TerminalCapabilities } from "effect/cli"
import { refuse } from "../../Refusal.ts"

const warning = `Use this command only if all former secrets are lost. The command has these consequences:

  - Hosts cannot decrypt the stored access tokens of LinkedIn. dchat reads the profile of a user again only after
    the user has signed in with LinkedIn again.
  - LinkedIn sign-ins in progress fail.
  - Other services do not accept the access tokens that were issued before.

Sessions and wallets stay valid. First stop all hosts that still have a former secret.`

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
    yield* Console.log(
      "The record is deleted. The next host that starts determines the secrets that the other hosts have to share."
    )
  })
).pipe(
  Command.withDescription("Delete the record of the secrets that the hosts share, after the loss of all former secrets")
)
