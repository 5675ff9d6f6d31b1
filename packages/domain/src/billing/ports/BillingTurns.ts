/**
 * Port: which host does a chore of billing next. The turns are given by the clock of the store, so that clocks of hosts
 * may differ and step.
 */
import { Context, type Effect } from "effect"

export class BillingTurns extends Context.Service<BillingTurns, {
  /** Whether this host has the turn. Of all hosts together, one has it every `seconds`. */
  take(chore: string, seconds: number): Effect.Effect<boolean>
}>()("@dchat/domain/billing/BillingTurns") {}
