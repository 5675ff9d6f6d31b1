/**
 * Reviews the token memberships of a user whose wallets have changed. The scan of the chain finds what the bus lost.
 */
import { IdentityBus } from "@dchat/domain/identity"
import { TokenMemberships } from "@dchat/domain/onchain"
import { Effect, Layer, Queue } from "effect"

export const layer = Layer.effectDiscard(
  Effect.gen(function*() {
    const bus = yield* IdentityBus
    const memberships = yield* TokenMemberships
    const notices = yield* bus.subscribe
    yield* Queue.take(notices).pipe(
      Effect.flatMap((notice) => notice._tag === "IdentityChanged" ? memberships.review(notice.userId) : Effect.void),
      Effect.catchCause((cause) => Effect.logWarning("could not review the tokens of a user", cause)),
      Effect.forever,
      Effect.forkScoped
    )
  })
)
