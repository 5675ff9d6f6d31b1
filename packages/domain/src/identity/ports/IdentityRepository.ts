/**
 * Port: where identities are kept, with everything that happened to them.
 */
import { Context, type DateTime, type Effect, type Option, Schema } from "effect"
import type { AuditCause, AuditEvent } from "../model/AuditEvent.ts"
import type { Identity } from "../model/Identity.ts"
import type { IdentityEvent } from "../model/IdentityEvent.ts"
import type { LinkedInClientId, LinkedInSubject } from "../model/LinkedInProfile.ts"
import type { UserId } from "../model/UserId.ts"
import type { Wallet } from "../model/Wallet.ts"

/** A wallet or an account that is to be kept belongs to somebody else by now. Nothing was kept. */
export class CredentialTaken extends Schema.TaggedError<CredentialTaken>()("CredentialTaken", {}) {}

/** Somebody as they are after these events. */
export interface IdentityChange {
  readonly identity: Identity
  readonly events: ReadonlyArray<IdentityEvent>
}

/** What a step makes of the people that it holds. */
export interface IdentityStep<A, E = never, R = never> {
  readonly changes: ReadonlyArray<IdentityChange>
  readonly cause: AuditCause
  readonly at: DateTime.Utc
  /** Done in the same transaction, after the changes; its answer is the answer of the step. */
  readonly alongside: Effect.Effect<A, E, R>
}

export class IdentityRepository extends Context.Service<IdentityRepository, {
  load(id: UserId): Effect.Effect<Option.Option<Identity>>
  /** Who holds this wallet: as an externally owned account, or as a contract on its chain. */
  ownerOfWallet(wallet: Pick<Wallet, "kind" | "chainId" | "address">): Effect.Effect<Option.Option<UserId>>
  ownerOfAccount(clientId: LinkedInClientId, subject: LinkedInSubject): Effect.Effect<Option.Option<UserId>>
  /** Keeps somebody new. Of any number of calls at once for one wallet or account, one succeeds. One transaction. */
  create<A, E, R>(step: IdentityStep<A, E, R>): Effect.Effect<A, E | CredentialTaken, R>
  /**
   * One transaction: locks these people in the order of their ids, so that two steps on one person follow each other
   * and two on two people cannot block each other; hands them to `decide`, by id, unknown ids left out; keeps the
   * changes and their events. When anything fails, nothing is kept. Of somebody deleted, what happened before goes,
   * and so do the names and events of those who have become part of them.
   */
  change<A, E, R, E2, R2>(
    ids: ReadonlyArray<UserId>,
    decide: (people: ReadonlyArray<Identity>) => Effect.Effect<IdentityStep<A, E2, R2>, E, R>
  ): Effect.Effect<A, E | E2 | CredentialTaken, R | R2>
  /**
   * What happened to somebody, as `recordOf` and `recordedCauseOf` keep it, newest first, with `seq` below `before`. An
   * event that cannot be read is left out.
   */
  activity(
    id: UserId,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<AuditEvent>>
  /** Those who have become part of this person, directly or through others. */
  absorbedBy(id: UserId): Effect.Effect<ReadonlyArray<UserId>>
}>()("@dchat/domain/identity/IdentityRepository") {}
