/**
 * A call of two users, as the answers show it at its stages.
 */
import { ids, sdp, times } from "./Ids.ts"

const limits = {
  people: 8,
  callSeconds: 3600,
  reason: "plan_limit",
  recording: false,
  timeouts: {
    ring: 60,
    resume: 30,
    resumeWithMedia: 300,
    media: 45,
    negotiation: 30,
    transport: 30,
    alone: 20,
    warning: 60
  }
} as const

const media = { audio: true, video: false, screen: false, hold: false }

const ann = { userId: ids.ann, state: "joined", device: "web-4f1c", media, joinedAt: times.placed } as const

const bob = {
  userId: ids.bob,
  state: "joined",
  device: "phone-07",
  media,
  joinedAt: times.answered,
  invitedBy: ids.ann
} as const

const link = { a: ids.ann, b: ids.bob, negotiation: 1, offerer: ids.ann } as const

const answeredLink = { ...link, state: "up", signalling: "stable" } as const

const common = {
  id: ids.call,
  kind: "direct",
  type: "audio",
  initiatorId: ids.ann,
  hostId: ids.ann,
  limits,
  initiatedAt: times.placed,
  durationSeconds: 0,
  leaseSeconds: 60
} as const

export const ringingCall = {
  ...common,
  state: "ringing",
  participants: [
    ann,
    { userId: ids.bob, state: "ringing", invitedBy: ids.ann, ringUntil: "2026-01-15T12:01:00.000Z" }
  ],
  links: [{ ...link, state: "new", signalling: "offering" }],
  seq: 4,
  endsBy: "2026-01-15T13:00:00.000Z"
} as const

export const answeredCall = {
  ...common,
  state: "connected",
  participants: [ann, bob],
  links: [answeredLink],
  seq: 9,
  answeredAt: times.answered,
  mediaConnectedAt: "2026-01-15T12:00:07.000Z",
  endsBy: "2026-01-15T13:00:06.000Z"
} as const

export const recordedCall = {
  ...answeredCall,
  recording: [{ by: ids.ann, since: "2026-01-15T12:01:00.000Z" }],
  seq: 10
} as const

const { endsBy: _1, hostId: _2, leaseSeconds: _3, ...afterwards } = answeredCall

export const endedCall = {
  ...afterwards,
  state: "disconnected",
  participants: [
    { ...ann, state: "left", leftAt: times.ended, leftReason: "hangup" },
    { ...bob, state: "left", leftAt: times.ended, leftReason: "hangup" }
  ],
  links: [{ ...answeredLink, state: "closed" }],
  seq: 12,
  endedAt: times.ended,
  endReason: "hangup",
  durationSeconds: 300
} as const

const { endsBy: _4, hostId: _5, leaseSeconds: _6, ...unanswered } = ringingCall

export const declinedCall = {
  ...unanswered,
  state: "disconnected",
  participants: [
    { ...ann, state: "left", leftAt: times.answered, leftReason: "busy" },
    { userId: ids.bob, state: "left", invitedBy: ids.ann, leftAt: times.answered, leftReason: "busy" }
  ],
  links: [{ ...link, state: "closed", signalling: "stable" }],
  seq: 6,
  endedAt: times.answered,
  endReason: "busy"
} as const

/** A third user is asked to answer. */
export const groupCall = {
  ...answeredCall,
  kind: "group",
  participants: [
    ...answeredCall.participants,
    { userId: ids.carol, state: "invited", invitedBy: ids.ann, ringUntil: "2026-01-15T12:02:00.000Z" }
  ],
  seq: 11
} as const

/** The host of the call removed the third user. */
export const groupCallOfTwo = {
  ...groupCall,
  participants: [
    ...answeredCall.participants,
    { userId: ids.carol, state: "left", invitedBy: ids.ann, leftAt: "2026-01-15T12:01:30.000Z", leftReason: "kicked" }
  ],
  seq: 12
} as const

export const candidate = {
  candidate: "candidate:1 1 udp 2122260223 192.0.2.10 56143 typ host",
  sdpMid: "0",
  sdpMLineIndex: 0
} as const

export const inbox = [{ seq: 3, type: "offer", from: ids.ann, negotiation: 1, sdp }] as const

export const events = [
  {
    callId: ids.call,
    seq: 5,
    after: 4,
    at: times.answered,
    event: {
      type: "Accepted",
      userId: ids.bob,
      device: "phone-07",
      reportsMedia: true,
      links: [{ with: ids.ann, offerer: ids.ann }]
    }
  },
  {
    callId: ids.call,
    seq: 6,
    after: 5,
    at: times.answered,
    event: { type: "Answer", from: ids.bob, to: ids.ann, negotiation: 1, sdp }
  }
] as const
