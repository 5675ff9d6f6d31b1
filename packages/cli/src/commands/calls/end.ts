/**
 * `dchat calls end`: ends a call for all participants.
 */
import { CallId, CallRepository, Calls } from "@dchat/domain/call"
import { Console, DateTime, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { refuse } from "../../Refusal.ts"

export const end = Command.make(
  "end",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the call"), Argument.withSchema(CallId)) },
  Effect.fn(function*({ id }) {
    const calls = yield* Calls
    const repository = yield* CallRepository
    const isDiscarded = yield* repository.discard(id, yield* DateTime.now)
    if (isDiscarded) {
      return yield* Console.log("The stored call is not readable. The call has ended for all participants.")
    }
    const { endReason } = yield* calls.endByAdmin(id)
    yield* Console.log(`The call has ended: ${endReason}. Clients learn this with their next request or reconnect.`)
  }, (effect, { id }) =>
    Effect.catchTags(effect, {
      CallNotFound: () => refuse(`No such call: ${id}.`),
      CallContended: () => refuse("Other requests changed the call at the same time. Try again.")
    }))
).pipe(Command.withDescription("End a call for all participants"))
