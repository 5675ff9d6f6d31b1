/**
 * The endpoints that find other users.
 */
import { Person, UserId, UserNotFound } from "@dchat/domain/identity"
import { StorableText } from "@dchat/domain/storable"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Authentication } from "./Authentication.ts"
import { problem } from "./Problems.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"

const PersonView = Person.annotate({ identifier: "Person" })

export class PeopleApi extends HttpApiGroup.make("people")
  .add(
    HttpApiEndpoint.get("find", "/users", {
      /** The beginning of a name, or the exact address of a wallet. */
      query: { query: StorableText.check(Schema.isMaxLength(100)) },
      success: Schema.Struct({ items: Schema.Array(PersonView) })
    }).annotate(RateLimit, ratePolicies.search),
    HttpApiEndpoint.get("get", "/users/:id", {
      params: { id: UserId },
      success: PersonView,
      error: problem(UserNotFound)
    })
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .prefix("/api")
{}
