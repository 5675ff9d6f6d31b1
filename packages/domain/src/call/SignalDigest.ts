/**
 * Recognises a signal that is sent again.
 */
import { Effect } from "effect"
import { Digest } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import type { UserId } from "../identity/model/UserId.ts"

/** The first 128 bits of SHA-256 over the sender and the content. */
export const digestOf = Effect.fnUntraced(function*(from: UserId, content: string) {
  const { digest } = yield* Digest.Digest
  const bytes = yield* digest(Digest.sha256, new TextEncoder().encode(`${from}\n${content}`))
  return Base64Url.encode(bytes.subarray(0, 16))
})
