/**
 * The lease that an actor holds on the actor's place in a call.
 */
import type { DateTime } from "effect"
import { type Call, participation } from "./model/Call.ts"
import type { CallId } from "./model/CallIds.ts"
import type { Actor } from "./model/CallRequest.ts"
import { isActive, type Participation } from "./model/Participation.ts"
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

/** The actor's presence in the call, if the actor is active on this device or on a device not yet known. */
export const holding = (call: Call, { device, userId }: Actor): Participation | undefined => {
  const person = participation(call, userId)
  const isTheirs = device === undefined || person?.device === undefined || device === person.device
  return person !== undefined && isActive(person) && isTheirs ? person : undefined
}
