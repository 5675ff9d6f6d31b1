/**
 * Port: the storage of identities, with all of their events.
 */
import { Context, type DateTime, type Effect, type Option, Schema } from "effect"
import type { AuditCause, AuditEvent } from "../model/AuditEvent.ts"
import type { Identity } from "../model/Identity.ts"
import type { IdentityEvent } from "../model/IdentityEvent.ts"
import type { LinkedInClientId, LinkedInSubject } from "../model/LinkedInProfile.ts"
import type { UserId } from "../model/UserId.ts"
import type { Wallet } from "../model/Wallet.ts"

/** A wallet or an account to store now belongs to another user. Nothing was stored. */
export class CredentialTaken extends Schema.TaggedError<CredentialTaken>()("CredentialTaken", {}) {}

/** A user after these events. */
export interface IdentityChange {
  readonly identity: Identity
  readonly events: ReadonlyArray<IdentityEvent>
}

/** The result of a step on the locked users. */
export interface IdentityStep<A, E = never, R = never> {
  readonly changes: ReadonlyArray<IdentityChange>
  readonly cause: AuditCause
  readonly at: DateTime.Utc
  /** Runs in the same transaction, after the changes. Its result is the result of the step. */
  readonly alongside: Effect.Effect<A, E, R>
}

export class IdentityRepository extends Context.Service<IdentityRepository, {
  load(id: UserId): Effect.Effect<Option.Option<Identity>>
  /** The user who holds this wallet: as an externally owned account, or as a contract on its chain. */
  ownerOfWallet(wallet: Pick<Wallet, "kind" | "chainId" | "address">): Effect.Effect<Option.Option<UserId>>
  ownerOfAccount(clientId: LinkedInClientId, subject: LinkedInSubject): Effect.Effect<Option.Option<UserId>>
  /** Stores a new user in one transaction. Of concurrent calls for one wallet or account, one succeeds. */
  create<A, E, R>(step: IdentityStep<A, E, R>): Effect.Effect<A, E | CredentialTaken, R>
  /**
   * Changes users in one transaction. Locks these users in the order of their ids, so that two steps on one user follow
   * each other and two steps on two users cannot deadlock. Passes the users to `decide`, by id, without unknown ids.
   * Stores the changes and their events; any failure stores nothing. A deletion also deletes the user's earlier events,
   * and the names and events of absorbed users.
   */
  change<A, E, R, E2, R2>(
    ids: ReadonlyArray<UserId>,
    decide: (people: ReadonlyArray<Identity>) => Effect.Effect<IdentityStep<A, E2, R2>, E, R>
  ): Effect.Effect<A, E | E2 | CredentialTaken, R | R2>
  /**
   * The events of a user, as `recordOf` and `recordedCauseOf` store them, newest first, with `seq` below `before`. An
   * unreadable event is left out.
   */
  activity(
    id: UserId,
    page: { readonly before?: number | undefined; readonly limit: number }
  ): Effect.Effect<ReadonlyArray<AuditEvent>>
  /** The users who were merged into this user, directly or through others. */
  absorbedBy(id: UserId): Effect.Effect<ReadonlyArray<UserId>>
}>()("@dchat/domain/identity/IdentityRepository") {}
