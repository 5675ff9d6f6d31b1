/**
 * The client of Stripe's library, with a timeout. The client retries only after a broken connection, because dchat
 * retries every other failure from its stored messages.
 */
import type { Redacted } from "effect"
import { Redacted as Secret } from "effect"
import { Stripe } from "stripe"

export interface StripeAccess {
  readonly secretKey: Redacted.Redacted<string>
  /** The URL of the API, if another than Stripe's. */
  readonly apiBase?: URL | undefined
}

/** The timeout of one request with its answer, in milliseconds. */
const timeout = 8000

export const makeClient = ({ apiBase, secretKey }: StripeAccess): Stripe =>
  new Stripe(Secret.value(secretKey), {
    maxNetworkRetries: 0,
    timeout,
    telemetry: false,
    appInfo: { name: "dchat" },
    ...(apiBase && {
      host: apiBase.hostname,
      port: apiBase.port === "" ? (apiBase.protocol === "https:" ? 443 : 80) : apiBase.port,
      protocol: apiBase.protocol === "https:" ? "https" : "http"
    })
  })
