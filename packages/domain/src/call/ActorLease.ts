/**
 * The lease that an actor holds on the actor's place in a call.
 */
import type { DateTime } from "effect"
import type { CallId } from "./model/CallIds.ts"
import type { Actor } from "./model/CallRequest.ts"
import type { Lease } from "./ports/CallLeases.ts"
import type { CallRecord } from "./rules/CallRecord.ts"

/** The lease to bind with a step by which the actor entered the call, resumed, or bound a device. */
export const onEntering = (actor: Actor, id: CallId) => (records: ReadonlyArray<CallRecord>) => {
  const entered = records.find(({ event }) =>
    event._tag === "CallInitiated" || event._tag === "Accepted" || event._tag === "Resumed" ||
    (event._tag === "DeviceBound" && actor.connection !== undefined)
  )
  return entered && { bind: of(actor, id, entered.at) }
}

export const of = (actor: Actor, callId: CallId, seenAt: DateTime.Utc): Lease => ({
  callId,
  userId: actor.userId,
  seenAt,
  ...(actor.device && { device: actor.device }),
  ...(actor.connection && { connection: actor.connection })
})
