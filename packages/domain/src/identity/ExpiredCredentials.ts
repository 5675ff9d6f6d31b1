/**
 * Deletes expired credentials: sessions, sign-in messages, flows, codes, tickets and tokens.
 */
import { DateTime, Effect } from "effect"
import { AccountTokenRepository } from "./ports/AccountTokenRepository.ts"
import { SessionRepository } from "./ports/SessionRepository.ts"
import { SingleUse } from "./ports/SingleUse.ts"

/**
 * Deletes at most `limit` sessions, single-use records and tokens each, and returns the total number. Any host may run the purge at any time, even
 * concurrently: expired credentials are refused without it.
 */
export const purgeExpiredCredentials = Effect.fn("purgeExpiredCredentials")(function*(limit: number) {
  const now = yield* DateTime.now
  const repositories = [yield* SessionRepository, yield* SingleUse, yield* AccountTokenRepository]
  const counts = yield* Effect.forEach(repositories, (repository) => repository.purge(now, limit))
  return counts.reduce((sum, count) => sum + count, 0)
})
