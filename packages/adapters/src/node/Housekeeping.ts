/**
 * Deletes expired records regularly: sessions, sign-in messages, tickets and idempotency keys. Also encrypts stored
 * tokens of older secrets again.
 */
import { IdempotencyKeys } from "@dchat/domain/idempotency"
import { LinkedInTokens, purgeExpiredCredentials } from "@dchat/domain/identity"
import { repeat } from "@dchat/domain/loop"
import { DateTime, Effect, Layer } from "effect"

/** The maximum number of records of each kind that one run deletes. */
const batch = 1000

const purge = Effect.gen(function*() {
  const credentials = yield* purgeExpiredCredentials(batch)
  const now = yield* DateTime.now
  const requests = yield* (yield* IdempotencyKeys).purge(now, batch)
  const tokens = yield* LinkedInTokens
  const resealed = yield* tokens.reseal(batch)
  return credentials + requests + resealed
})

/** Every five minutes, for as long as the layer lives. */
export const Housekeeping = Layer.effectDiscard(
  repeat(
    { name: "delete expired data", every: "5 minutes", within: "5 minutes", isVital: false },
    Effect.repeat(purge, { while: (count) => count >= batch })
  ).pipe(
    Effect.delay("1 minute"),
    Effect.forkScoped
  )
)
