/**
 * Port: selects the host for a chore of billing, by the clock of the store, because clocks of hosts may differ or jump.
 */
import { Context, type Effect } from "effect"

export class BillingTurns extends Context.Service<BillingTurns, {
  /** Whether this host has the turn. One host has the turn every `seconds`. */
  take(chore: string, seconds: number): Effect.Effect<boolean>
}>()("@dchat/domain/billing/BillingTurns") {}
