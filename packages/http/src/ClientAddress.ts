/**
 * The address of the client behind the current request.
 */
import { Effect, Option } from "effect"
import { HttpServerRequest } from "effect/http"

export const clientAddress: Effect.Effect<string | undefined, never, HttpServerRequest.HttpServerRequest> = Effect.map(
  HttpServerRequest.HttpServerRequest,
  ({ remoteAddress }) => Option.getOrUndefined(remoteAddress as Option.Option<string>)
)
