/**
 * The parts of calls that several answers hold, each under its name in the description of the API.
 */
import {
  CallLimits as Limits,
  CallTimeouts,
  IceCandidate as Candidate,
  Media as Sent,
  MediaChanges as Changes,
  OpenedLink as Opened
} from "@dchat/domain/call"
import { Schema } from "effect"

export const Media = Sent.annotate({ identifier: "Media" })
export const MediaChanges = Changes.annotate({ identifier: "MediaChanges" })
export const OpenedLink = Opened.annotate({ identifier: "OpenedLink" })
export const IceCandidate = Candidate.annotate({ identifier: "IceCandidate" })

export const CallLimits = Schema.Struct({
  ...Limits.fields,
  timeouts: CallTimeouts.annotate({ identifier: "CallTimeouts" })
}).annotate({ identifier: "CallLimits" })
