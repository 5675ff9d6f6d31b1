/**
 * Port: which secrets the hosts of a database have, as fingerprints.
 */
import { Context, type DateTime, type Effect, type Result, Schema } from "effect"

/** 64 hexadecimal digits that follow from a secret, and from which neither it nor its keys follow. */
export const SecretFingerprint = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)).pipe(
  Schema.brand("SecretFingerprint")
)
export type SecretFingerprint = typeof SecretFingerprint.Type

export class SecretCheckRepository extends Context.Service<SecretCheckRepository, {
  /**
   * Replaces what is stored by what `decide` makes of it, seen at this time, or leaves all as it is when it refuses.
   * Of any number of calls at once, each decides on what the one before it stored.
   */
  replace<E>(
    decide: (stored: ReadonlyArray<SecretFingerprint>) => Result.Result<ReadonlyArray<SecretFingerprint>, E>,
    at: DateTime.Utc
  ): Effect.Effect<void, E>
  /** Forgets all of them, so that the next host may have any secret. */
  readonly forget: Effect.Effect<void>
}>()("@dchat/domain/identity/SecretCheckRepository") {}
