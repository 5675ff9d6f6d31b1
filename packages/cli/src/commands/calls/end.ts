/**
 * `dchat calls end`: ends a call for everybody.
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
    if (isDiscarded) return yield* Console.log("The call could not be read. It is over, and nobody is in it any more.")
    const { endReason } = yield* calls.endByAdmin(id)
    yield* Console.log(`The call is over: ${endReason}. Clients hear of it when they next ask or reconnect.`)
  }, (effect, { id }) =>
    Effect.catchTags(effect, {
      CallNotFound: () => refuse(`There is no call ${id}.`),
      CallContended: () => refuse("Others change the call all the time. Try again.")
    }))
).pipe(Command.withDescription("End a call for everybody"))
