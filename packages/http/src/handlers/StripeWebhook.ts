/**
 * `POST /webhooks/stripe`: stores the events that Stripe sends, byte for byte, and answers after an event is stored.
 */
import { Webhooks } from "@dchat/domain/billing"
import { StripeNotConfigured } from "@dchat/domain/subscription"
import { Effect, Option } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "effect/http"
import { routePolicies } from "../api/RateLimited.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { clientLimitKey } from "../limits/ClientAddress.ts"
import { limited } from "../limits/LimitedWork.ts"
import { RateLimits } from "../limits/RateLimits.ts"
import { problemResponse } from "../middleware/ProblemResponse.ts"

export const StripeWebhook = HttpRouter.use(Effect.fnUntraced(function*(router) {
  const limits = yield* RateLimits
  const settings = yield* HostSettings
  const webhooks = yield* Effect.serviceOption(Webhooks)

  const receive = Effect.gen(function*() {
    if (Option.isNone(webhooks)) return yield* new StripeNotConfigured()
    const request = yield* HttpServerRequest.HttpServerRequest
    const body = yield* Effect.orDie(request.arrayBuffer)
    yield* webhooks.value.receive(new Uint8Array(body), request.headers["stripe-signature"] ?? "")
    return HttpServerResponse.jsonUnsafe({ received: true })
  })

  const counted = Effect.flatMap(
    Effect.provideService(clientLimitKey, HostSettings, settings),
    (address) => limited(limits, limits.count, routePolicies["POST /webhooks/stripe"], { address })(receive)
  )

  yield* router.add("POST", "/webhooks/stripe", Effect.catch(counted, problemResponse))
}))
