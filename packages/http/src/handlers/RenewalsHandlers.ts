/**
 * The handlers of the group `renewals`.
 */
import { RenewalAuthorizations } from "@dchat/domain/onchain"
import { Catalogue, Subscriptions } from "@dchat/domain/subscription"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { authorizationWishOf, instructionsViewOf, signedPermitOf } from "../api/RenewalView.ts"
import { summaryViewOf } from "../api/SubscriptionView.ts"
import { exactly } from "./DeclaredErrors.ts"

/** A year of a monthly plan. */
const defaultPeriods = 12

const me = Effect.map(CurrentSession, ({ user }) => user.id)

export const RenewalsHandlers = HttpApiBuilder.group(
  Api,
  "renewals",
  Effect.fn(function*(handlers) {
    const authorizations = yield* RenewalAuthorizations
    const subscriptions = yield* Subscriptions
    const catalogue = yield* Catalogue

    const summary = Effect.gen(function*() {
      return summaryViewOf(catalogue[0].tier, yield* subscriptions.summary(yield* me))
    })

    return handlers.handleAll(exactly(handlers, {
      instructions: Effect.fn(function*({ payload: { periods = defaultPeriods, ...wish } }) {
        return instructionsViewOf(yield* authorizations.instructions(yield* me, authorizationWishOf(wish), periods))
      }),
      authorize: Effect.fn(function*({ payload }) {
        yield* authorizations.authorize(yield* me, authorizationWishOf(payload))
        return yield* summary
      }),
      permit: Effect.fn(function*({ payload }) {
        yield* authorizations.authorizeByPermit(yield* me, authorizationWishOf(payload), signedPermitOf(payload))
        return yield* summary
      }),
      revoke: Effect.fn(function*() {
        yield* authorizations.revoke(yield* me)
        return yield* summary
      })
    }))
  })
)
