/**
 * The limits of a client on realtime connections. A frame counts like the request for the same operation, so neither
 * transport avoids the limit of the other.
 */
import { ratePolicies, type RatePolicy } from "./RateLimited.ts"
import type { ClientFrame } from "./RealtimeFrames.ts"

/** The policy of each frame type. `hello` counts with its connection. Only the rate of frames limits `ping`. */
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
  /** The number of characters for which a frame counts once more. */
  charactersPerFrame: 4096,
  /**
   * The number of refused frames that the host answers in a minute. After more refusals, the host closes the
   * connection.
   */
  refusedPerMinute: 60,
  /** The limit for all connections of one user. */
  ofUser: { perSecond: 400, atOnce: 2000 },
  /** The limit for all connections of one address. */
  ofAddress: { perSecond: 2000, atOnce: 10_000 }
} as const

/** Realtime connections that may be open at once. */
export const connectionLimits = { session: 16, person: 48, address: 2000, host: 10_000 } as const
