/**
 * How often users may be rung: by calls that are placed and by invitations into one, each user who is named once.
 */

export const ringQuotas = {
  /** By one caller, to all users together. */
  caller: { name: "ring:caller", limit: 60, window: 60 },
  /** By one caller, the same user: calling again after no answer, and again. */
  pair: { name: "ring:pair", limit: 20, window: 300 },
  /** To the same user, by all callers together. */
  callee: { name: "ring:callee", limit: 60, window: 60 }
} as const
