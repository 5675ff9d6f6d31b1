/**
 * The frames of `dchat.v1` that a phone sends, and what it reads of those that it receives.
 */
import type { Word } from "./Phone.ts"
import { candidate, sdp } from "./signals.ts"

interface Candidates {
  readonly candidates?: ReadonlyArray<{ readonly candidate: string }>
}

type CallEvent =
  | { readonly type: "CallInitiated"; readonly initiatorId: string }
  | { readonly type: "Ringing"; readonly userId: string }
  | {
    readonly type: "Accepted"
    readonly userId: string
    readonly links: ReadonlyArray<{ readonly with: string; readonly offerer: string }>
  }
  | { readonly type: "Offer" | "Answer"; readonly from: string; readonly sdp?: string }
  | { readonly type: "Candidates"; readonly from: string } & Candidates
  | { readonly type: "CallEnded" }

export interface Frame {
  readonly type: string
  readonly id?: string
  readonly ok?: boolean
  /** The call after the command, or a part of it. */
  readonly result?: { readonly id?: string; readonly callId?: string }
  readonly problem?: { readonly code: string }
  readonly callId?: string
  readonly seq?: number
  readonly after?: number
  readonly call?: { readonly state: string; readonly kind: string; readonly initiatorId: string }
  readonly inbox?: ReadonlyArray<
    { readonly type: "offer" | "answer" | "candidates"; readonly from: string } & Candidates
  >
  readonly event?: CallEvent
}

/** The command without its id and its call. */
export const commandOf = (word: Word, to: ReadonlyArray<string>, number: number, isGroup: boolean): object => {
  switch (word) {
    case "ring":
      return { type: "call.initiate", callType: "audio", participants: to }
    case "alert":
    case "accept":
      return { type: `call.${word}` }
    case "offer":
    case "answer":
      return { type: `call.${word}`, to: to[0], sdp }
    case "candidate":
      return { type: "call.candidates", to: to[0], candidates: [candidate(number)] }
    case "end":
      return isGroup ? { type: "call.end", forEveryone: true } : { type: "call.leave" }
  }
}
