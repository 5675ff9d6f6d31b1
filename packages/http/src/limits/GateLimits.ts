/**
 * The limits of the gate of a host.
 */
import type { AdmissionLimits } from "./Admission.ts"
import type { PeerLimits } from "./PeerConnections.ts"
import type { UnreadLimits } from "./UnreadAnswers.ts"

export interface GateLimits extends AdmissionLimits, PeerLimits, UnreadLimits {}

export const gateLimits: GateLimits = {
  // A thousand requests of 50 ms are 20,000 a second.
  perHost: 1000,
  perClient: 100,
  // An office behind one address sends 400 requests of signalling and 100 of reading a second at most.
  perSecond: 600,
  atOnce: 1200,
  refusedAs: 10,
  // The users of an office connect again at once when the host was away.
  openPerPeer: 2500,
  newPerSecond: 50,
  newAtOnce: 600,
  lookEvery: 1000,
  patience: 10_000,
  slowest: 32 * 1024,
  allUnread: 64 * 1024 * 1024,
  unreadPerClient: 16 * 1024 * 1024
}
