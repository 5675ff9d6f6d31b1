/**
 * A subscription or a membership in the contract of the former system.
 */
import type { DateTime } from "effect"

export interface ContractSubscription {
  /** Names the entry within the contract, such as `subscription 12`. */
  readonly name: string
  readonly tier: "PRO" | "ENTERPRISE"
  /** The end; absent for a lifetime membership. */
  readonly until?: DateTime.Utc | undefined
}
