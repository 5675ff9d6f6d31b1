/**
 * The endpoints for operators: liveness, readiness, health and public keys.
 */
import { JsonWebKeySet as KeySet } from "@dchat/domain/identity"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { problem } from "./Problems.ts"
import { RateLimit } from "./RateLimited.ts"
import { NotReady } from "./RequestErrors.ts"

const JsonWebKeySet = Schema.Struct({
  keys: Schema.Array(KeySet.fields.keys.value.annotate({ identifier: "JsonWebKey" }))
}).annotate({ identifier: "JsonWebKeySet" })

export class OperationsApi extends HttpApiGroup.make("operations").add(
  HttpApiEndpoint.get("alive", "/healthz", {
    success: Schema.Struct({ status: Schema.Literal("ok") })
  }).annotate(RateLimit, "none"),
  /** This request has no limit, because load balancers send it for all clients. */
  HttpApiEndpoint.get("ready", "/readyz", {
    success: Schema.Struct({ status: Schema.Literal("ok") }),
    error: problem(NotReady)
  }).annotate(RateLimit, "none"),
  HttpApiEndpoint.get("health", "/api/webrtc/health", {
    success: Schema.Struct({
      status: Schema.Literals(["ok", "degraded"]),
      /** Missing while the database is away. */
      activeCalls: Schema.optionalKey(Schema.Int),
      /** Whether the database answers. */
      database: Schema.Boolean,
      bus: Schema.Boolean,
      /** The background tasks of this host that are late. */
      late: Schema.Array(Schema.String),
      version: Schema.String
    })
  }),
  /** The public keys of access tokens (RFC 7517). */
  HttpApiEndpoint.get("keys", "/.well-known/jwks.json", {
    success: JsonWebKeySet
  }).annotate(RateLimit, "none")
) {}
