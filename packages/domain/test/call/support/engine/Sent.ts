/**
 * A command that a random user sends to a host, and all that is known of the command afterwards.
 */
import type { Call, CallCommand, CallId, CallRefusalOf } from "@dchat/domain/call"
import type { DateTime } from "effect"

export type Answer =
  /** The command is stored, or changes nothing. `call` is the call after the command. */
  | { readonly _tag: "Taken"; readonly call: Call }
  | { readonly _tag: "Refused"; readonly refusal: CallRefusalOf<CallCommand["_tag"]> }
  /** The command lost its races, or another call stands in its way. Nothing has happened. */
  | { readonly _tag: "Lost"; readonly reason: string }
  /** The store has failed, or the host has crashed. The command may be stored. */
  | { readonly _tag: "Unknown"; readonly reason: "crash" | "failure" }

export interface Sent {
  readonly callId: CallId
  readonly host: string
  readonly command: CallCommand
  readonly at: DateTime.Utc
  /** The number of the newest stored event of the call when the command was sent; 0 without a call. */
  readonly storedBefore: number
  /** Whether the command waited as a quick one until its end, and not for a turn of its call. */
  isQuick: boolean
  /** The newest decision: the command with its facts, and the state. */
  decided: { readonly command: CallCommand; readonly on: Call | undefined } | undefined
  answer: Answer | undefined
}

/** The command with the signalling that its digests name. */
export const preparedOf = (command: CallCommand) => {
  switch (command._tag) {
    case "Offer":
    case "Answer":
      return { command, sdp: sdpOf(command.digest) }
    case "Candidates":
      return { command, candidates: new Map(command.digests.map((digest) => [digest, candidateOf(digest)])) }
    default:
      return { command }
  }
}

export const sdpOf = (digest: string): string => `the description of ${digest}`

export const candidateOf = (digest: string) => ({ candidate: `the candidate of ${digest}`, sdpMid: null })
