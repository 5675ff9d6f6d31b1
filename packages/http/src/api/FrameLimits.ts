/**
 * How much a client may say on realtime connections. A frame counts as the request that does the same, so that neither
 * way leads around the other's limit.
 */
import { ratePolicies, type RatePolicy } from "./RateLimited.ts"
import type { ClientFrame } from "./RealtimeFrames.ts"

/** By the type of the frame. `hello` is counted with its connection, `ping` by the rate of frames alone. */
export const framePolicies = {
  hello: undefined,
  ping: undefined,
  "call.initiate": ratePolicies.place,
  "call.invite": ratePolicies.place,
  "call.alert": ratePolicies.command,
  "call.accept": ratePolicies.command,
  "call.cancel": ratePolicies.command,
  "call.leave": ratePolicies.command,
  "call.join": ratePolicies.command,
  "call.decline": ratePolicies.command,
  "call.end": ratePolicies.command,
  "call.kick": ratePolicies.command,
  "call.media": ratePolicies.command,
  "call.recording": ratePolicies.command,
  "call.offer": ratePolicies.signal,
  "call.answer": ratePolicies.signal,
  "call.candidates": ratePolicies.signal,
  "call.link": ratePolicies.signal
} as const satisfies Record<ClientFrame["type"], RatePolicy | undefined>

/** The frame rate of one connection: every frame takes a token from a bucket, and a large frame takes more. */
export const frameRate = {
  perSecond: 50,
  atOnce: 250,
  /** A frame counts as one, and as one more for each so many characters. */
  charactersPerFrame: 4096,
  /** Frames beyond the rate that are answered in a minute; after them the connection is closed. */
  refusedPerMinute: 60,
  /** The limit for all connections of one user. */
  ofUser: { perSecond: 400, atOnce: 2000 },
  /** The limit for all connections of one address. */
  ofAddress: { perSecond: 2000, atOnce: 10_000 }
} as const

/** Realtime connections that may be open at once. */
export const connectionLimits = { session: 16, person: 48, address: 2000, host: 10_000 } as const
