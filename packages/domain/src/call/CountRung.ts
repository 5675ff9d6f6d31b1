/**
 * Counts the people who ring with a step of a call, when it is certain that they do.
 */
import { Effect } from "effect"
import type { UserId } from "../identity/model/UserId.ts"
import type { RingLimit } from "./ports/RingLimit.ts"
import type { CallRecord } from "./rules/CallRecord.ts"

/** For one request: counts everybody once, however often the step is tried. */
export const countRung = ({ ring }: RingLimit["Service"]) => {
  const counted = new Set<UserId>()
  return Effect.fnUntraced(function*(records: ReadonlyArray<CallRecord>) {
    for (const user of records.flatMap(rungBy)) {
      if (!counted.has(user)) yield* ring([user])
      counted.add(user)
    }
  })
}

/** The person whose devices ring. A call that they are never told of rings nowhere. */
const rungBy = ({ event }: CallRecord): ReadonlyArray<UserId> =>
  event._tag === "Invited" && event.suppressed !== true ? [event.userId] : []
