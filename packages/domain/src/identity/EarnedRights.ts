/**
 * The unused rights that a user's proofs have earned or begun: merge tickets, codes of applications, flows at LinkedIn
 * and messages to sign. All become void when the user's ways to sign in change, or when an administrator disables or
 * enables the user.
 */
import { Effect } from "effect"
import type { UserId } from "./model/UserId.ts"
import { MergeTicketRepository } from "./ports/MergeTicketRepository.ts"
import { NativeCodeRepository } from "./ports/NativeCodeRepository.ts"
import { OAuthFlowRepository } from "./ports/OAuthFlowRepository.ts"
import { SiweNonceRepository } from "./ports/SiweNonceRepository.ts"

/** Makes the effect that voids all of these rights for some users. Run the effect in the transaction of the change. */
export const makeVoidEarnedRights = Effect.gen(function*() {
  const repositories = [
    yield* MergeTicketRepository,
    yield* NativeCodeRepository,
    yield* OAuthFlowRepository,
    yield* SiweNonceRepository
  ]
  return (users: ReadonlyArray<UserId>): Effect.Effect<void> =>
    Effect.forEach(repositories, (repository) => repository.voidOf(users), { discard: true })
})
