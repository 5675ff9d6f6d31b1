/**
 * `dchat calls show`: a call as stored, without the signals between its participants.
 */
import { CallId, CallRepository } from "@dchat/domain/call"
import { Console, DateTime, Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { printable } from "../../Printable.ts"
import { refuse } from "../../Refusal.ts"

export const show = Command.make(
  "show",
  { id: Argument.String("id").pipe(Argument.withDescription("Id of the call"), Argument.withSchema(CallId)) },
  Effect.fn(function*({ id }) {
    const repository = yield* CallRepository
    const fault = yield* repository.faultOf(id)
    if (Option.isSome(fault)) return yield* refuse(`The call ${id} cannot be read: ${printable(fault.value)}.`)
    const call = yield* repository.load(id)
    if (Option.isNone(call)) return yield* refuse(`No such call: ${id}.`)
    const { endReason, initiatedAt, kind, participants, phase, type } = call.value
    yield* Console.log(`${kind} ${type} call, ${phase}${endReason === undefined ? "" : ` (${endReason})`}`)
    yield* Console.log(`since ${DateTime.formatIso(initiatedAt)}`)
    for (const { leftReason, state, userId } of participants) {
      yield* Console.log(`  ${userId}  ${state}${leftReason === undefined ? "" : ` (${leftReason})`}`)
    }
  })
).pipe(Command.withDescription("Show a call and its participants"))
