/** Calls in plain words: how they stand, why they ended, how long they took. */
import { type Call, type CallType, type Participant, type PastCall } from "./dchat-client.ts"
import { DchatProblem } from "./dchat-http.ts"
import { MediaRefused } from "./local-media.ts"

export const callTypeWords: Record<CallType, string> = {
  audio: "Audio call",
  video: "Video call",
  screen: "Screen sharing"
}

/** The reason for the end of a call, in words for a participant. `others`: the name of the other side. */
export const endWords = (call: Call, reason: string, me: string, others: string): string => {
  const mine = call.initiatorId === me
  const words: Record<string, string> = {
    hangup: "The call has ended.",
    cancelled: mine ? "You cancelled the call." : `${others} stopped calling. You missed the call.`,
    declined: mine ? `${others} declined the call.` : "You declined the call.",
    busy: mine ? `${others} is in another call.` : "You missed the call, because you were in another call.",
    no_answer: mine ? `${others} did not answer.` : `You missed a call from ${others}.`,
    unreachable: mine ? `${others} could not be reached.` : `You missed a call from ${others}.`,
    connection_lost: "The connection was lost for too long.",
    media_failed: "No audio or video connection was possible between the two networks.",
    plan_limit: "The call reached the time limit of the caller's plan.",
    max_duration: "The call reached the maximum length.",
    alone: "All other participants left.",
    empty: "All participants left.",
    kicked: "The host removed you from the call.",
    ended_by_host: "The host ended the call for all participants.",
    ended_by_admin: "An administrator ended the call."
  }
  return words[reason] ?? "The call has ended."
}

export const outcomeWords = (past: PastCall, me: string): string => {
  const mine = past.initiatorId === me
  if (past.outcome === "answered") return mine ? "Outgoing" : "Incoming"
  if (past.outcome === "missed") return mine ? "Not answered" : "Missed"
  if (past.outcome === "declined") return mine ? "Declined" : "You declined"
  return "Cancelled"
}

export const participantWords = (user: Participant): string =>
  ({
    invited: "Calling…",
    ringing: "Ringing…",
    joining: "Connecting…",
    joined: "",
    reconnecting: "Reconnecting…",
    left: "Left"
  })[user.state]

/** Every participant of a call has to know about a recording. */
export const recordingWords = (by: ReadonlyArray<string>, me: string, name: (userId: string) => string): string =>
  by.map((one) => one === me ? "You are recording this call." : `${name(one)} is recording this call.`).join(" ")

/** `7:05`, or `1:07:05` from an hour on. */
export const clock = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds))
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const tail = `${h > 0 ? `${m}`.padStart(2, "0") : m}:${`${s}`.padStart(2, "0")}`
  return h > 0 ? `${h}:${tail}` : tail
}

const today = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" })
const earlier = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit"
})
export const moment = (iso: string): string => {
  const date = new Date(iso)
  return (date.toDateString() === new Date().toDateString() ? today : earlier).format(date)
}

const refusals: Record<string, string> = {
  unreachable: "The server cannot be reached. Check your connection and try again.",
  timeout: "The server did not answer in time. Try again.",
  in_another_call: "You are already in another call. Check your other windows.",
  answered_elsewhere: "You answered this call in another window.",
  call_over: "The call has already ended.",
  not_pending: "The call has already ended.",
  invitee_busy: "This user is in another call.",
  call_full: "The call is full.",
  not_entitled: "The caller's plan does not include this feature.",
  unknown_participant: "This user does not exist. Search again."
}

/** The error, in words for the user. Unknown problems keep their request id, so that the log can be searched for it. */
export const problemWords = (problem: unknown): string => {
  if (problem instanceof MediaRefused) return problem.message
  if (!(problem instanceof DchatProblem)) return "Something went wrong in this page. Reload the page."
  const known = refusals[problem.code]
  if (known !== undefined) return known
  return problem.requestId === undefined ? problem.message : `${problem.message} (request ${problem.requestId})`
}
