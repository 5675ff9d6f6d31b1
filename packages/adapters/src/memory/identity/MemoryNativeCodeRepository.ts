/**
 * Keeps the codes of applications in a map: for tests and examples.
 */
import { type NativeCode, NativeCodeRepository, type TokenHash } from "@dchat/domain/identity"
import { Effect, Layer, Option } from "effect"
import { consumeFrom, purgeFrom, voidFrom } from "./ExpiringMap.ts"

export const layer = Layer.sync(NativeCodeRepository, () => {
  const codes = new Map<TokenHash, NativeCode>()

  return NativeCodeRepository.of({
    insert: (code) => Effect.sync(() => void codes.set(code.hash, code)),
    find: (hash) => Effect.sync(() => Option.fromUndefinedOr(codes.get(hash))),
    consume: (hash) => consumeFrom(codes, hash),
    voidOf: (users) => voidFrom(codes, ({ userId }) => users.includes(userId)),
    purge: (now, limit) => purgeFrom(codes, now, limit)
  })
})
