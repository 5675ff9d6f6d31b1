/**
 * What calls have to say when two people become one: not while one of them is in a call. Past calls stay with whom they
 * were with; the survivor's history reads them too.
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
