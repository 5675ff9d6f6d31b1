/**
 * Reviews the token memberships and the grants by contracts of a user whose wallets have changed. The scan of the chain finds what the bus lost.
 */
import { IdentityBus } from "@dchat/domain/identity"
import { ContractGrants, TokenMemberships } from "@dchat/domain/onchain"
import { Effect, Layer, Queue } from "effect"

export const layer = Layer.effectDiscard(
  Effect.gen(function*() {
    const bus = yield* IdentityBus
    const memberships = yield* TokenMemberships
    const grants = yield* ContractGrants
    const notices = yield* bus.subscribe
    yield* Queue.take(notices).pipe(
      Effect.flatMap((notice) =>
        notice._tag === "IdentityChanged"
          ? Effect.andThen(memberships.review(notice.userId), grants.review(notice.userId))
          : Effect.void
      ),
      Effect.catchCause((cause) => Effect.logWarning("could not review the tokens of a user", cause)),
      Effect.forever,
      Effect.forkScoped
    )
  })
)
