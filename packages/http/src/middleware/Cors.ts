/**
 * Lets pages of the allowed origins read the answers (Fetch standard, CORS).
 */
import { HttpMiddleware } from "effect/http"
import { type HostSettingsShape, isAllowedOrigin } from "../config/HostSettings.ts"
import type { Middleware } from "./Middleware.ts"

export const cors = (settings: HostSettingsShape): Middleware =>
  HttpMiddleware.cors({
    allowedOrigins: (origin) => isAllowedOrigin(settings, origin),
    allowedMethods: ["GET", "POST", "PATCH", "DELETE"],
    allowedHeaders: ["authorization", "content-type", "dchat-device", "idempotency-key", "x-request-id"],
    exposedHeaders: ["ratelimit", "ratelimit-policy", "retry-after", "x-request-id"],
    credentials: true,
    maxAge: 600
  })
