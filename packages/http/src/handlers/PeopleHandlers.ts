/**
 * The handlers of the group `people`.
 */
import { People } from "@dchat/domain/identity"
import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { exactly } from "./DeclaredErrors.ts"

export const PeopleHandlers = HttpApiBuilder.group(
  Api,
  "people",
  Effect.fn(function*(handlers) {
    const people = yield* People

    return handlers.handleAll(exactly(handlers, {
      find: ({ query }) => Effect.map(people.find(query.query), (items) => ({ items })),
      get: ({ params }) => people.get(params.id)
    }))
  })
)
