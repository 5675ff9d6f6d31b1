/**
 * The part of calls in a merge of two users: a merge is refused while one of them is in a call. Past calls keep the ids
 * of their participants; the history of the surviving user includes them.
 */
import { CallRepository } from "@dchat/domain/call"
import { MergeInCall, type MergeParticipant } from "@dchat/domain/identity"
import { Effect } from "effect"

export const make = Effect.gen(function*() {
  const calls = yield* CallRepository

  const participant: MergeParticipant = {
    check: Effect.fnUntraced(function*(survivor, absorbed) {
      const open = yield* Effect.forEach([survivor, absorbed], (user) => calls.openCallsOf(user))
      if (open.flat().length > 0) return yield* new MergeInCall()
    }),
    move: () => Effect.void
  }

  return participant
})
