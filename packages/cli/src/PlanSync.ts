/**
 * Creates the plans at the payment provider.
 */
import { Context, type Effect, Schema } from "effect"

export interface SyncedPrice {
  readonly lookupKey: string
  readonly outcome: "kept" | "created" | "replaced"
}

/** The plans could not be synced to the payment provider. */
export class PlanSyncFailed extends Schema.TaggedError<PlanSyncFailed>()("PlanSyncFailed", {
  detail: Schema.String
}) {
  override get message() {
    return this.detail
  }
}

export class PlanSync extends Context.Service<PlanSync, {
  readonly run: Effect.Effect<ReadonlyArray<SyncedPrice>, PlanSyncFailed>
}>()("@dchat/cli/PlanSync") {}
