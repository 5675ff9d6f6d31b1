/**
 * The limits of a call by the initiator's plan: length, number of participants, and recording.
 */
import { Result } from "effect"
import { rule } from "../../decision/Rule.ts"
import { endsAt } from "../model/Call.ts"
import type { CallCommandOf } from "../model/CallCommand.ts"
import { NotConnected, NotEntitled } from "../model/CallErrors.ts"
import { isSameLimits, type PlanLimits, raisedLimits } from "../model/CallLimits.ts"
import { isRecording } from "../model/Recorder.ts"
import type { CallDraft } from "./CallDraft.ts"
import * as ParticipantMachine from "./ParticipantMachine.ts"

export const startRecording = ({ by, device, plan }: CallCommandOf<"StartRecording">, draft: CallDraft) =>
  Result.flatMap(
    ParticipantMachine.speak(draft, by, device),
    rule(() => {
      if (draft.call.phase !== "connected") return Result.fail(new NotConnected())
      lift(plan, draft)
      const { limits } = draft.call
      if (!limits.recording) return Result.fail(new NotEntitled({ feature: "recording" }))
      if (!isRecording(draft.call, by)) draft.emit({ _tag: "RecordingStarted", by })
      return Result.void
    })
  )

/** Only the user who makes a recording decides whether the recording continues. */
export const stopRecording = ({ by, device }: CallCommandOf<"StopRecording">, draft: CallDraft) =>
  Result.map(ParticipantMachine.speak(draft, by, device), () => {
    if (isRecording(draft.call, by)) draft.emit({ _tag: "RecordingStopped", by })
  })

/** A limit is never lowered once given: only higher limits change the call. */
export const lift = (plan: PlanLimits | undefined, draft: CallDraft): void => {
  if (plan === undefined) return
  const limits = raisedLimits(draft.call.limits, plan)
  if (isSameLimits(limits, draft.call.limits)) return
  draft.emit({ _tag: "LimitsRaised", limits, endsAt: endsAt({ ...draft.call, limits }) })
}
