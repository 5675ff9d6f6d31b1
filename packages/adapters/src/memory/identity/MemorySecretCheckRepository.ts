/**
 * Keeps the fingerprints of secrets in a list: for tests and examples.
 */
import { SecretCheckRepository, type SecretFingerprint } from "@dchat/domain/identity"
import { Array, Effect, Layer, Result } from "effect"

export const layer = Layer.sync(SecretCheckRepository, () => {
  let stored: ReadonlyArray<SecretFingerprint> = []

  return SecretCheckRepository.of({
    replace: (decide) =>
      Effect.suspend(() => {
        const decided = decide(stored)
        if (Result.isSuccess(decided)) stored = Array.dedupe(decided.success)
        return Effect.asVoid(Effect.fromResult(decided))
      }),
    forget: Effect.sync(() => {
      stored = []
    })
  })
})
