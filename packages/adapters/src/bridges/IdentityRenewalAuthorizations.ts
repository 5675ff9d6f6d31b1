/**
 * Ends the authorisation of a wallet that its user has unlinked. The next look at the subscription finds what the bus lost.
 */
import { IdentityBus } from "@dchat/domain/identity"
import { RenewalAuthorizations } from "@dchat/domain/onchain"
import { Effect, Layer, Queue } from "effect"

export const layer = Layer.effectDiscard(
  Effect.gen(function*() {
    const bus = yield* IdentityBus
    const authorizations = yield* RenewalAuthorizations
    const notices = yield* bus.subscribe
    yield* Queue.take(notices).pipe(
      Effect.flatMap((notice) =>
        notice._tag === "IdentityChanged" ? authorizations.review(notice.userId) : Effect.void
      ),
      Effect.catchCause((cause) => Effect.logWarning("could not review the authorisation of a user", cause)),
      Effect.forever,
      Effect.forkScoped
    )
  })
)
