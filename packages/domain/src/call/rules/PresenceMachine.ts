/**
 * The rules of losing the connection of one's device and of finding it again.
 */
import { DateTime, Result } from "effect"
import { participation } from "../model/Call.ts"
import type { CallCommandOf } from "../model/CallCommand.ts"
import type { CallRefusal } from "../model/CallErrors.ts"
import type { DeviceId } from "../model/CallIds.ts"
import type { Participation } from "../model/Participation.ts"
import type { CallDraft } from "./CallDraft.ts"
import * as ParticipantMachine from "./ParticipantMachine.ts"

type Decided = Result.Result<void, CallRefusal>

/** A device that is not the person's in this call takes nobody with it. */
export const leaseLost = ({ device, signedOut, userId }: CallCommandOf<"LeaseLost">, draft: CallDraft): Decided => {
  const person = participation(draft.call, userId)
  if (isThere(person) && isTheirs(person, device)) {
    draft.emit({ _tag: "Reconnecting", userId, ...(signedOut && { signedOut }) })
  }
  return Result.succeed(undefined)
}

/** They lose the time that media gave them; not those who have been back since, by whatever session. */
export const sessionEnded = ({ since, userId }: CallCommandOf<"SessionEnded">, draft: CallDraft): Decided => {
  const away = participation(draft.call, userId)?.reconnecting
  if (away !== undefined && !away.signedOut && DateTime.Equivalence(away.since, since)) {
    draft.emit({ _tag: "Reconnecting", userId, signedOut: true })
  }
  return Result.succeed(undefined)
}

/** Somebody who is there may be so by other devices of theirs as well; coming back from nowhere binds none of them. */
export const resume = ({ by, device, fresh }: CallCommandOf<"Resume">, draft: CallDraft): Decided => {
  const person = participation(draft.call, by)
  if (isThere(person) && isTheirs(person, device)) return Result.succeed(undefined)
  return Result.map(ParticipantMachine.speak(draft, by, device), () => {
    if (person?.state === "reconnecting") draft.emit({ _tag: "Resumed", userId: by, fresh })
  })
}

const isThere = (person: Participation | undefined): person is Participation =>
  person?.state === "joining" || person?.state === "joined"

const isTheirs = (person: Participation, device: DeviceId | undefined): boolean =>
  device === undefined || person.device === undefined || device === person.device
