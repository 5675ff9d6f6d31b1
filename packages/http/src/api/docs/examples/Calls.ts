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
  links: [
    { a: ids.ann, b: ids.bob, state: "new", signalling: "offering", negotiation: 1, offerer: ids.ann }
  ],
  seq: 4,
  endsBy: "2026-01-15T13:00:00.000Z"
} as const

export const answeredCall = {
  ...common,
  state: "connected",
  participants: [
    ann,
    {
      userId: ids.bob,
      state: "joined",
      device: "phone-07",
      media,
      joinedAt: times.answered,
      invitedBy: ids.ann
    }
  ],
  links: [
    { a: ids.ann, b: ids.bob, state: "up", signalling: "stable", negotiation: 1, offerer: ids.ann }
  ],
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
  participants: answeredCall.participants.map((participant) => ({
    ...participant,
    state: "left" as const,
    leftAt: times.ended,
    leftReason: "hangup" as const
  })),
  links: answeredCall.links.map((link) => ({ ...link, state: "closed" as const })),
  seq: 12,
  endedAt: times.ended,
  endReason: "hangup",
  durationSeconds: 300
} as const

export const declinedCall = {
  ...endedCall,
  participants: [
    { ...ann, state: "left", leftAt: times.answered, leftReason: "declined" },
    { userId: ids.bob, state: "left", invitedBy: ids.ann, leftAt: times.answered, leftReason: "declined" }
  ],
  seq: 6,
  endedAt: times.answered,
  endReason: "declined",
  durationSeconds: 0
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
