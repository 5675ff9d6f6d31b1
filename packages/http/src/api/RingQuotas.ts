/**
 * How often people may be rung: by calls that are placed and by invitations into one, each person who is named once.
 */

export const ringQuotas = {
  /** By one caller: whoever they ring. */
  caller: { name: "ring:caller", limit: 60, window: 60 },
  /** By one caller, the same person: calling again after no answer, and again. */
  pair: { name: "ring:pair", limit: 20, window: 300 },
  /** The same person, whoever rings. */
  callee: { name: "ring:callee", limit: 60, window: 60 }
} as const
