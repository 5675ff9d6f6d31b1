/**
 * The limits of ringing. Each user named in a placed call or an invitation counts once.
 */

export const ringQuotas = {
  /** The rings by one caller, for all callees together. */
  caller: { name: "ring:caller", limit: 60, window: 60 },
  /** The rings by one caller for the same callee, including repeated calls without an answer. */
  pair: { name: "ring:pair", limit: 20, window: 300 },
  /** The rings for the same callee, by all callers together. */
  callee: { name: "ring:callee", limit: 60, window: 60 }
} as const
