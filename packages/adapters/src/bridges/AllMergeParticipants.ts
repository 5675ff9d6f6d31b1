/**
 * The features that take part in merges: all features of the installation.
 */
import { MergeParticipants } from "@dchat/domain/identity"
import { Effect, Layer } from "effect"
import * as CallMergeParticipant from "./CallMergeParticipant.ts"
import * as SubscriptionMergeParticipant from "./SubscriptionMergeParticipant.ts"

export const layer = Layer.effect(
  MergeParticipants,
  Effect.all({ calls: CallMergeParticipant.make, subscriptions: SubscriptionMergeParticipant.make })
)
