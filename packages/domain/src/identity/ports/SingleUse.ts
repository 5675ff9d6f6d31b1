/**
 * Port: the single-use records of signing in, linking, merging and connecting.
 */
import { Context, type DateTime, type Effect, type Option } from "effect"
import type { SingleUseKind, SingleUseRecord, SingleUseTrace, TracedKind } from "../model/SingleUseKind.ts"
import type { UserId } from "../model/UserId.ts"

export class SingleUse extends Context.Service<SingleUse, {
  /** Stores an unused record. The record replaces any other record in its slot. */
  put<A extends SingleUseRecord>(kind: SingleUseKind<A>, record: NoInfer<A>): Effect.Effect<void>
  /** The unused record with this key, expired or not. */
  find<A extends SingleUseRecord, Key extends string>(
    kind: SingleUseKind<A, Key>,
    key: NoInfer<Key>
  ): Effect.Effect<Option.Option<A>>
  /** The unused record in this slot, expired or not. */
  findInSlot<A extends SingleUseRecord>(kind: SingleUseKind<A>, slot: string): Effect.Effect<Option.Option<A>>
  /** Uses a record up and returns it, expired or not. Of concurrent calls, one receives the record. */
  consume<A extends SingleUseRecord, Key extends string>(
    kind: SingleUseKind<A, Key>,
    key: NoInfer<Key>
  ): Effect.Effect<Option.Option<A>>
  /** Stores the outcome of a used record. The first outcome stays. */
  finish<A extends SingleUseRecord, Key extends string, Outcome extends object>(
    kind: TracedKind<A, Key, Outcome>,
    key: NoInfer<Key>,
    outcome: NoInfer<Outcome>
  ): Effect.Effect<void>
  /** The record with this key in its current state, expired or not. */
  trace<A extends SingleUseRecord, Key extends string, Outcome extends object>(
    kind: TracedKind<A, Key, Outcome>,
    key: NoInfer<Key>
  ): Effect.Effect<Option.Option<SingleUseTrace<A, Outcome>>>
  /**
   * Deletes every unused record of these users: the rights that their proofs have earned or begun. The rights of a user
   * become void when the user's ways to sign in change, or when an administrator disables or enables the user. Run this
   * effect in the transaction of the change.
   */
  voidOf(users: ReadonlyArray<UserId>): Effect.Effect<void>
  /** Deletes at most `limit` records that are expired at this time, used or not. Returns the number of them. */
  purge(now: DateTime.Utc, limit: number): Effect.Effect<number>
}>()("@dchat/domain/identity/SingleUse") {}
