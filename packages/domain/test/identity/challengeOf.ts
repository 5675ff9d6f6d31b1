/**
 * The challenge of a verifier, by the method S256 of RFC 7636.
 */
import { CodeChallenge } from "@dchat/domain/identity"
import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { Base64Url } from "effect/encoding"

export const challengeOf = Effect.fnUntraced(function*(verifier: string) {
  const digest = yield* Digest.Digest
  const bytes = yield* digest.digest(Digest.sha256, new TextEncoder().encode(verifier))
  return CodeChallenge.make(Base64Url.encode(bytes))
}, Effect.orDie)
