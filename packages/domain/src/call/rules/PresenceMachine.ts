/**
 * The rules of losing the connection of a device and of resuming.
 */
import { DateTime, Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { participation } from "../model/Call.ts"
import type { CallCommandOf } from "../model/CallCommand.ts"
import type { DeviceId } from "../model/CallIds.ts"
import type { Participation } from "../model/Participation.ts"
import type { CallDraft } from "./CallDraft.ts"
import * as ParticipantMachine from "./ParticipantMachine.ts"

/** A device that is not bound to the user's participation does not remove the user from the call. */
export const leaseLost = ({ device, signedOut, userId }: CallCommandOf<"LeaseLost">, draft: CallDraft) => {
  const person = participation(draft.call, userId)
  if (isThere(person) && isTheirs(person, device)) {
    draft.emit({ _tag: "Reconnecting", userId, ...(signedOut && { signedOut }) })
  }
  return Result.void
}

/** The user loses the extra time that media gave. A user who has resumed since, by any session, loses nothing. */
export const sessionEnded = ({ since, userId }: CallCommandOf<"SessionEnded">, draft: CallDraft) => {
  const away = participation(draft.call, userId)?.reconnecting
  if (away !== undefined && !away.signedOut && DateTime.Equivalence(away.since, since)) {
    draft.emit({ _tag: "Reconnecting", userId, signedOut: true })
  }
  return Result.void
}

/** An active user may be present on other devices as well. A resume of a user who was not away binds no device. */
export const resume = rule(({ by, device, fresh }: CallCommandOf<"Resume">, draft: CallDraft) => {
  const person = participation(draft.call, by)
  if (isThere(person) && isTheirs(person, device)) return Result.void
  return Result.map(ParticipantMachine.speak(draft, by, device), () => {
    if (person?.state === "reconnecting") draft.emit({ _tag: "Resumed", userId: by, fresh })
  })
})

const isThere = (person: Participation | undefined): person is Participation =>
  person?.state === "joining" || person?.state === "joined"

const isTheirs = (person: Participation, device: DeviceId | undefined): boolean =>
  device === undefined || person.device === undefined || device === person.device
