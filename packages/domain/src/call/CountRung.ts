/**
 * Counts the users whom a step of a call rings, once the step is certain to ring them.
 */
import { Effect } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import type { RingLimit } from "./ports/RingLimit.ts"
import type { CallRecord } from "./rules/CallRecord.ts"

/** For one request: counts every user once, over all attempts of the step. */
export const countRung = ({ ring }: RingLimit["Service"]) => {
  const counted = new Set<UserId>()
  return Effect.fnUntraced(function*(records: ReadonlyArray<CallRecord>) {
    for (const user of records.flatMap(rungBy)) {
      if (!counted.has(user)) yield* ring([user])
      counted.add(user)
    }
  })
}

/** The user whose devices ring. A suppressed invitation rings no device. */
const rungBy = ({ event }: CallRecord): ReadonlyArray<UserId> =>
  event._tag === "Invited" && event.suppressed !== true ? [event.userId] : []
