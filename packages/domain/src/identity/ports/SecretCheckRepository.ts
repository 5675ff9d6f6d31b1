/**
 * Port: the fingerprints of the secrets that the hosts of a database have.
 */
import { Context, type DateTime, type Effect, type Result, Schema } from "effect"

/** 64 hexadecimal digits derived from a secret. Neither the secret nor its keys can be derived from them. */
export const SecretFingerprint = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)).pipe(
  Schema.brand("SecretFingerprint")
)
export type SecretFingerprint = typeof SecretFingerprint.Type

export class SecretCheckRepository extends Context.Service<SecretCheckRepository, {
  /**
   * Replaces the stored fingerprints by the result of `decide`, seen at this time. A refusal of `decide` changes
   * nothing. Concurrent calls run one after another: each decides on the result of the one before.
   */
  replace<E>(
    decide: (stored: ReadonlyArray<SecretFingerprint>) => Result.Result<ReadonlyArray<SecretFingerprint>, E>,
    at: DateTime.Utc
  ): Effect.Effect<void, E>
  /** Deletes all fingerprints, so that the next host may have any secret. */
  readonly forget: Effect.Effect<void>
}>()("@dchat/domain/identity/SecretCheckRepository") {}
