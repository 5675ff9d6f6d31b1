/**
 * The endpoint for tickets, which open a realtime connection for clients that cannot send headers.
 */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { Authentication } from "./Authentication.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"

export class RealtimeApi extends HttpApiGroup.make("realtime")
  .add(
    HttpApiEndpoint.post("ticket", "/ticket", {
      /** For `GET /api/realtime?ticket=`, once, within `expiresIn` seconds. */
      success: Schema.Struct({ ticket: Schema.String, expiresIn: Schema.Int })
    }).annotate(RateLimit, ratePolicies.ticket)
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .prefix("/api/realtime")
{}
