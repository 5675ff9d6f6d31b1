/**
 * Runs a call through the machine of dchat: decides each command and records its events.
 */
import { type CallCommand, CallId, CallMachine, defaultTimeouts, record } from "@dchat/domain/call"
import { UserId } from "@dchat/domain/identity"
import { DateTime, Result } from "effect"
import type { Step } from "./scripts.ts"

const callId = CallId.make("01984ab2-0000-7000-9000-000000000000")
const limits = {
  people: 8,
  callSeconds: 86_400,
  reason: "max_duration",
  recording: true,
  timeouts: defaultTimeouts
} as const

const calleeOf = (user: string) => ({ userId: UserId.make(user), busy: false, blocked: false })

const commandOf = (step: Step): CallCommand => {
  const by = UserId.make(step.by)
  switch (step.type) {
    case "ring": {
      const [first = "", ...others] = step.callees
      const callees = [calleeOf(first), ...others.map(calleeOf)] as const
      return { _tag: "Initiate", by, callId, callType: "audio", limits, reportsMedia: false, callees }
    }
    case "alert":
      return { _tag: "Alert", by }
    case "accept":
      return { _tag: "Accept", by, reportsMedia: false }
    case "end":
      return { _tag: "End", by }
    case "offer":
      return { _tag: "Offer", by, to: UserId.make(step.to), digest: step.digest }
    case "answer":
      return { _tag: "Answer", by, to: UserId.make(step.to), digest: step.digest }
    case "candidate":
      return { _tag: "Candidates", by, to: UserId.make(step.to), digests: [step.digest] }
  }
}

/** A function that runs the whole call; it returns the number of events. */
export const dchatCall = (steps: ReadonlyArray<Step>): () => number => {
  const commands = steps.map(commandOf)
  return () => {
    let call: ReturnType<typeof record>["call"]
    let events = 0
    for (const command of commands) {
      const at = DateTime.nowUnsafe()
      const recorded = record(call, Result.getOrThrow(CallMachine.decide(command, call, at)), at)
      call = recorded.call
      events += recorded.records.length
    }
    if (call?.phase !== "disconnected") throw new Error("the call has not ended")
    return events
  }
}
