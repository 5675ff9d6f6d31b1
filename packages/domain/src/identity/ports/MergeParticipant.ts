/**
 * Port: the part of other features in a merge of two users. Each feature may object, and moves the belongings of the
 * absorbed user.
 */
import { Context, Effect, Schema } from "effect"
import type { UserId } from "../model/UserId.ts"

/** One of the two users is in a call. */
export class MergeInCall extends Schema.TaggedError<MergeInCall>()("MergeInCall", {}) {
  override get message() {
    return "one of the two users is in a call"
  }
}

/** Both users have a continuing subscription. */
export class MergeTwoSubscriptions extends Schema.TaggedError<MergeTwoSubscriptions>()("MergeTwoSubscriptions", {}) {
  override get message() {
    return "both users have a subscription"
  }
}

/** A payment of one of the two users is not settled. */
export class MergePaymentOpen extends Schema.TaggedError<MergePaymentOpen>()("MergePaymentOpen", {}) {
  override get message() {
    return "a payment of one of the two users is still open"
  }
}

export type MergeObjection = MergeInCall | MergeTwoSubscriptions | MergePaymentOpen

export interface MergeParticipant {
  /** Checks whether these two users may be merged now. Runs while both are locked. */
  check(survivor: UserId, absorbed: UserId): Effect.Effect<void, MergeObjection>
  /**
   * Moves the absorbed user's belongings to the survivor, in the transaction of the merge. An objection undoes the
   * merge, since the state may have changed after the check.
   */
  move(survivor: UserId, absorbed: UserId): Effect.Effect<void, MergeObjection>
}

/** The features that take part in every merge. A host that omits one of them does not compile. */
export class MergeParticipants extends Context.Service<MergeParticipants, {
  readonly calls: MergeParticipant
  readonly subscriptions: MergeParticipant
}>()("@dchat/domain/identity/MergeParticipants") {}

/** Stands for a feature that an installation does not have. */
export const absentMergeParticipant: MergeParticipant = { check: () => Effect.void, move: () => Effect.void }
