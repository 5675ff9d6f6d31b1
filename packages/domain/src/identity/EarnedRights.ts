/**
 * What proofs of a person have earned or begun and is not used yet: merge tickets, codes of applications, flows at
 * LinkedIn and messages to be signed. All of it becomes void when the ways in which the person signs in change, or an
 * administrator disables or enables the person.
 */
import { Effect } from "effect"
import type { UserId } from "./model/UserId.ts"
import { MergeTicketRepository } from "./ports/MergeTicketRepository.ts"
import { NativeCodeRepository } from "./ports/NativeCodeRepository.ts"
import { OAuthFlowRepository } from "./ports/OAuthFlowRepository.ts"
import { SiweNonceRepository } from "./ports/SiweNonceRepository.ts"

/** Makes the effect that voids all of it for some people. Run it in the transaction of the change. */
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
