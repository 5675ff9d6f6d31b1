/**
 * Keeps sign-in messages in a map: for tests and examples.
 */
import { type SiweNonce, type SiweNonceId, SiweNonceRepository } from "@dchat/domain/identity"
import { Effect, Layer } from "effect"
import { consumeFrom, purgeFrom, voidFrom } from "./ExpiringMap.ts"

export const layer = Layer.sync(SiweNonceRepository, () => {
  const nonces = new Map<SiweNonceId, SiweNonce>()

  return SiweNonceRepository.of({
    insert: (nonce) => Effect.sync(() => void nonces.set(nonce.id, nonce)),
    consume: (id) => consumeFrom(nonces, id),
    voidOf: (users) => voidFrom(nonces, ({ userId }) => userId !== undefined && users.includes(userId)),
    purge: (now, limit) => purgeFrom(nonces, now, limit)
  })
})
