/**
 * Port: people who are gone and are still billed.
 */
import { Context, type Effect } from "effect"
import type { UserId } from "../identity/UserId.ts"

export class Departures extends Context.Service<Departures, {
  /** At most `limit` people who have deleted their account, and have a subscription that is open. */
  billed(limit: number): Effect.Effect<ReadonlyArray<UserId>>
}>()("@dchat/domain/billing/Departures") {}
