/**
 * Checks that the hosts of a database share a secret. Without a shared secret, no host could read the sealed or signed
 * data of another.
 */
import { Array, DateTime, Effect, Result, Schema } from "effect"
import { Hex } from "effect/encoding"
import { deriveKeys } from "./DerivedKeys.ts"
import { SecretCheckRepository, SecretFingerprint } from "./ports/SecretCheckRepository.ts"

/** The hosts that last used this database have none of this host's secrets. */
export class SecretsNotShared extends Schema.TaggedError<SecretsNotShared>()("SecretsNotShared", {}) {
  override get message() {
    return "the other hosts of this database have none of these secrets: add one of their secrets to DCHAT_SECRETS, " +
      "or run `dchat secrets forget` if all former secrets are lost"
  }
}

/**
 * The fingerprints to store when a host with the fingerprints `own` starts: its own, if nothing is stored or one of its
 * own is stored. A secret may therefore be changed in steps, as long as any two hosts have a common secret after each
 * step.
 */
export const checkSecrets = (
  stored: ReadonlyArray<SecretFingerprint>,
  own: Array.NonEmptyReadonlyArray<SecretFingerprint>
): Result.Result<Array.NonEmptyReadonlyArray<SecretFingerprint>, SecretsNotShared> =>
  stored.length === 0 || own.some((fingerprint) => stored.includes(fingerprint))
    ? Result.succeed(own)
    : Result.fail(new SecretsNotShared())

/** Refuses to start a host whose secrets the other hosts of the database do not have. */
export const verifySharedSecrets = Effect.fn("verifySharedSecrets")(function*() {
  const repository = yield* SecretCheckRepository
  const keys = yield* deriveKeys("dchat secret check v1")
  const own = Array.map(keys, ({ bytes }) => SecretFingerprint.make(Hex.encode(bytes)))
  yield* repository.replace((stored) => checkSecrets(stored, own), yield* DateTime.now)
})
