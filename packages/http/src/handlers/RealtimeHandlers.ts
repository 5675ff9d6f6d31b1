/**
 * The handlers of the group `realtime`.
 */
import { RealtimeTickets } from "@dchat/domain/identity"
import { Effect, Redacted } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { CurrentSession } from "../api/Authentication.ts"
import { exactly } from "./DeclaredErrors.ts"

export const RealtimeHandlers = HttpApiBuilder.group(
  Api,
  "realtime",
  Effect.fn(function*(handlers) {
    const tickets = yield* RealtimeTickets

    return handlers.handleAll(exactly(handlers, {
      ticket: Effect.fn(function*() {
        const { session } = yield* CurrentSession
        const { expiresIn, ticket } = yield* tickets.issue(session)
        return { ticket: Redacted.value(ticket), expiresIn }
      })
    }))
  })
)
