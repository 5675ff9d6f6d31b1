/**
 * Lets requests through that come no more often than their endpoint allows.
 */
import { Context, Effect, Layer } from "effect"
import type { RateLimiter } from "effect/persistence"
import { CurrentSession } from "../api/Authentication.ts"
import { AddressLimited, PersonLimited, RateLimit } from "../api/RateLimited.ts"
import { clientAddress, limitKeyOf } from "../ClientAddress.ts"
import type { HostSettings } from "../HostSettings.ts"
import { consumeLimit } from "../RateLimits.ts"

type Services = RateLimiter.RateLimiter | HostSettings

const AddressLimitedHandler = Layer.effect(
  AddressLimited,
  Effect.gen(function*() {
    const services = yield* Effect.context<Services>()

    return AddressLimited.of((app, { endpoint }) => {
      const policy = Context.get(endpoint.annotations, RateLimit)
      if (policy?.by !== "address") return app
      const count = Effect.gen(function*() {
        const address = yield* clientAddress
        if (address !== undefined) yield* consumeLimit(policy, limitKeyOf(address))
      })
      return Effect.andThen(Effect.provide(count, services), app)
    })
  })
)

const PersonLimitedHandler = Layer.effect(
  PersonLimited,
  Effect.gen(function*() {
    const services = yield* Effect.context<Services>()

    return PersonLimited.of((app, { endpoint }) => {
      const policy = Context.get(endpoint.annotations, RateLimit)
      if (policy?.by !== "person") return app
      const count = Effect.flatMap(CurrentSession, ({ user }) => consumeLimit(policy, user.id))
      return Effect.andThen(Effect.provide(count, services), app)
    })
  })
)

export const RateLimitHandlers = Layer.merge(AddressLimitedHandler, PersonLimitedHandler)
