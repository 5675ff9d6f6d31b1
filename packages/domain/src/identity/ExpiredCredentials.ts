/**
 * Deletes expired credentials: sessions, sign-in messages, flows, codes, tickets and tokens.
 */
import { DateTime, Effect } from "effect"
import { AccountTokenRepository } from "./ports/AccountTokenRepository.ts"
import { MergeTicketRepository } from "./ports/MergeTicketRepository.ts"
import { NativeCodeRepository } from "./ports/NativeCodeRepository.ts"
import { NativeFlowRepository } from "./ports/NativeFlowRepository.ts"
import { OAuthFlowRepository } from "./ports/OAuthFlowRepository.ts"
import { RealtimeTicketRepository } from "./ports/RealtimeTicketRepository.ts"
import { SessionRepository } from "./ports/SessionRepository.ts"
import { SiweNonceRepository } from "./ports/SiweNonceRepository.ts"

/**
 * Deletes at most `limit` of each kind, and returns the total number. Any host may run the purge at any time, even
 * concurrently: expired credentials are refused without it.
 */
export const purgeExpiredCredentials = Effect.fn("purgeExpiredCredentials")(function*(limit: number) {
  const now = yield* DateTime.now
  const repositories = [
    yield* SessionRepository,
    yield* SiweNonceRepository,
    yield* RealtimeTicketRepository,
    yield* OAuthFlowRepository,
    yield* NativeFlowRepository,
    yield* NativeCodeRepository,
    yield* MergeTicketRepository,
    yield* AccountTokenRepository
  ]
  const counts = yield* Effect.forEach(repositories, (repository) => repository.purge(now, limit))
  return counts.reduce((sum, count) => sum + count, 0)
})
